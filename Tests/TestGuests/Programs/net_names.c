// net_names: asks the name service for each of its words, and prints the name with what comes of it: an address, `unknown`,
// the number of another outcome, or `silence`. Of a word that begins with a digit the digit says what is wrong with the
// query (`*` asks without end, and listens to no answer): 1 it ends early, 2 it is an answer, 3 another kind of operation, 4 two questions, 5 a name that leads elsewhere,
// 6 it asks for a mail server, 7 its name goes on beyond its end.
#include "net.h"

static unsigned char message[600];

static int query_for(const char *name, int mistake) {
  int at = 12;
  memset(message, 0, sizeof message);
  message[1] = 77;
  message[2] = 1;
  message[5] = 1;
  while (*name) {
    int length = 0;
    for (; name[length] && name[length] != '.'; length++)
      message[at + 1 + length] = (unsigned char)name[length];
    message[at] = (unsigned char)length;
    at += length + 1;
    name += length + (name[length] == '.');
  }
  message[at + 2] = 1;
  message[at + 4] = 1;
  at += 5;
  switch (mistake) {
  case 1: return 11;
  case 2: message[2] |= 0x80; break;
  case 3: message[2] |= 0x10; break;
  case 4: message[5] = 2; break;
  case 5: message[12] = 0xc0; break;
  case 6: message[at - 3] = 15; break;
  case 7: message[12] = 60; break;
  }
  return at;
}

static void ask(const char *word) {
  int mistake = word[0] >= '0' && word[0] <= '9' ? word[0] - '0' : 0;
  const char *name = mistake || word[0] == '*' ? word + 1 : word;
  int service = datagrams(), count = query_for(name, mistake);
  CHECK(try_connect(service, host(1), 53) == 0);
  CHECK(write(service, message, count) == count);
  while (word[0] == '*')
    write(service, message, count);
  struct pollfd one = {service, POLLIN, 0};
  printf("%s ", word);
  if (poll(&one, 1, 5) != 1) {
    printf("silence\n");
  } else {
    int length = read(service, message, sizeof message), outcome = message[3] & 15;
    CHECK(length >= 12 && message[1] == 77 && (message[2] & 0x80));
    if (outcome == 3)
      printf("unknown\n");
    else if (outcome)
      printf("outcome %d\n", outcome);
    else if (message[7] == 0)
      printf("nothing\n");
    else
      printf("%d.%d.%d.%d\n", message[length - 4], message[length - 3], message[length - 2], message[length - 1]);
    if (!outcome && message[7])
      CHECK(length == count + 16 && message[count] == 0xc0 && message[count + 1] == 12 && message[count + 11] == 4);
  }
  close(service);
}

int main(int count, char **words) {
  for (int index = 1; index < count; index++)
    ask(words[index]);
  return 0;
}
