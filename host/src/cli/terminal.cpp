// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <termios.h>
#include <unistd.h>

#include <optional>

#include "cli/standard_streams.hpp"
#include "cli/wiped_buffer.hpp"

namespace kist::cli {
namespace {

constexpr char kEndOfInput = 4, kEraseLine = 21, kBackspace = 8, kDelete = 127;
constexpr std::size_t kAnswerBytesMax = 1024;

/// Keys arrive one by one and unseen, for as long as this lives. Signals still come from keys.
class UnseenInput {
 public:
  UnseenInput() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0)
      throw Error(ErrorCode::failed_precondition, "standard input is no terminal");
    struct termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON);
    unseen.c_cc[VMIN] = 1;
    unseen.c_cc[VTIME] = 0;
    if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &unseen) != 0)
      throw Error(ErrorCode::failed_precondition, "the terminal cannot be told to show nothing");
  }
  ~UnseenInput() {
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    write_error_text("\n");  // The one that was typed was not shown.
  }
  UnseenInput(const UnseenInput&) = delete;
  UnseenInput& operator=(const UnseenInput&) = delete;

 private:
  struct termios before_ {};
};

/// The size of `line` without its last character, which may be several bytes of UTF-8.
std::size_t without_last(std::string_view line) {
  std::size_t size = line.size();
  while (size > 0 && (static_cast<unsigned char>(line[size - 1]) & 0xC0) == 0x80) --size;
  return size == 0 ? 0 : size - 1;
}

[[noreturn]] void give_up() { throw Error(ErrorCode::cancelled, "the input ended"); }

}  // namespace

bool standard_input_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

SecretValue ask_for_secret(const std::string& question, std::size_t bytes_max,
                           const Interrupts& interrupts) {
  const UnseenInput unseen;
  write_error_text(question);
  WipedBuffer line(bytes_max + 1);
  while (true) {
    const std::optional<char> key = read_byte(STDIN_FILENO, interrupts);
    if (!key || (*key == kEndOfInput && line.size() == 0)) give_up();
    if (*key == '\n' || *key == '\r' || *key == kEndOfInput) return SecretValue(line.text());
    if (*key == kBackspace || *key == kDelete)
      line.resize(without_last(line.text()));
    else if (*key == kEraseLine)
      line.resize(0);
    else if (line.size() == bytes_max)
      throw Error(ErrorCode::resource_exhausted,
                  "the value is longer than " + std::to_string(bytes_max) + " bytes");
    else
      line.append(*key);
  }
}

bool ask_yes_or_no(const std::string& question, const Interrupts& interrupts) {
  write_error_text(question);
  std::string answer;
  while (answer.size() < kAnswerBytesMax) {
    const std::optional<char> key = read_byte(STDIN_FILENO, interrupts);
    if (!key) write_error_text("\n");  // The end of input moves no cursor.
    if (!key || *key == '\n') break;
    answer += *key;
  }
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes" || answer == "YES";
}

}  // namespace kist::cli
