// "Did you mean", as the end of a message.

import Recorder

/// `; did you mean NAME?` if one of the names is near, else nothing.
package func suggestion(for word: String, among names: [String]) -> String {
  nearestName(to: word, among: names).map { "; did you mean \($0)?" } ?? ""
}
