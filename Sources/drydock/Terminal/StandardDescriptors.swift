// Descriptors 0, 1 and 2 are standard input, output and error and nothing else. Whoever starts the tool
// may have closed one (`<&-`); the next pipe or file to be opened would then take its place, be read as
// the keyboard or have messages written into it.

import Foundation

enum StandardDescriptors {
  /// Opens the null device for each of the three that is closed. Comes before anything else is opened.
  static func open() {
    // The lowest that is free is taken, so that from 0 up each lands in its own place.
    for descriptor in STDIN_FILENO...STDERR_FILENO {
      guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
      // Where there is no null device, a folder: it can be neither read nor written.
      if Foundation.open("/dev/null", O_RDWR) < 0 { _ = Foundation.open("/", O_RDONLY) }
    }
  }
}
