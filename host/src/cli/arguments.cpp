// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include <algorithm>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

namespace po = boost::program_options;

constexpr OptionSpec kCommonOptions[] = {
    {"config", "FILE", "read this file; else $KIST_CONFIG, ./kist.json, /etc/kist/kist.json"},
    {"store-option", "NAME=VALUE", "set an option of the store over what is configured", true,
     true},
    {"output", "FORMAT", "'table' for people (the default), or 'json' for programs"},
    {"timeout", "SECONDS", "give up a call to the store or server after this long (default 30)"},
    {"verbose", "", "say on standard error what is done"},
    {"help", "", "show this help; -h does too"},
};

constexpr OptionSpec kServerOptions[] = {
    {"server", "URL",
     "work with a server: https://HOST[:PORT], http://… or unix:/PATH; else $KIST_SERVER"},
    {"token-file", "FILE", "the token that says who asks; else $KIST_TOKEN"},
    {"ca", "FILE", "trust the CAs in this file and no others; else $KIST_CA, or the system's"},
    {"client-certificate", "FILE", "show this certificate to the server"},
    {"client-key", "FILE", "the private key of it, if it is in another file"},
    {"insecure-http", "", "allow http:// to another machine, where others can read along"},
};

constexpr std::size_t kCommandWords = 2;

/// True of a common option whose value is the next word.
bool takes_value(std::string_view word) {
  const auto is_meant = [&](const OptionSpec& option) {
    return !option.value.empty() && word == "--" + std::string(option.name);
  };
  return std::ranges::any_of(kCommonOptions, is_meant) ||
         std::ranges::any_of(kServerOptions, is_meant);
}

bool is_command(std::span<const Command> commands, std::string_view words) {
  return std::ranges::any_of(commands,
                             [&](const Command& command) { return command.words == words; });
}

std::vector<const OptionSpec*> options_of(const Command& command) {
  std::vector<const OptionSpec*> all;
  for (const OptionSpec& option : command.options) all.push_back(&option);
  for (const OptionSpec& option : kCommonOptions) all.push_back(&option);
  for (const OptionSpec& option : kServerOptions) all.push_back(&option);
  return all;
}

po::options_description description_of(const std::vector<const OptionSpec*>& options) {
  po::options_description description;
  for (const OptionSpec* const option : options) {
    const std::string name(option->name);
    if (option->value.empty())
      description.add_options()(name.c_str(), "");
    else
      description.add_options()(name.c_str(), po::value<std::string>(), "");
  }
  return description;
}

/// The name alone, without dashes: what stands behind '=' may be a secret.
std::string option_name(const std::string& written) {
  const std::string name = written.substr(0, written.find('='));
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

std::string hint_for(const Command& command) {
  return "see 'kist " + std::string(command.words) + " --help'";
}

[[noreturn]] void refuse_unknown(const Command& command,
                                 const std::vector<const OptionSpec*>& options,
                                 const std::string& written) {
  std::vector<std::string_view> candidates;
  for (const OptionSpec* const option : options) candidates.push_back(option->name);
  const std::string name = option_name(written);
  const auto meant = core::nearest(name, candidates);
  throw UsageError("'kist " + std::string(command.words) + "' has no option " +
                       core::in_quotes("--" + name, 64) +
                       (meant ? "; did you mean '--" + std::string(*meant) + "'?" : ""),
                   hint_for(command));
}

[[noreturn]] void refuse_syntax(const Command& command,
                                const po::invalid_command_line_syntax& error) {
  using Kind = po::invalid_command_line_syntax::kind_t;
  const std::string name = core::in_quotes("--" + option_name(error.get_option_name()), 64);
  if (error.kind() == Kind::extra_parameter)
    throw UsageError("option " + name + " takes no value", hint_for(command));
  throw UsageError("option " + name + " needs a value behind it", hint_for(command));
}

void add_words(const Command& command, const std::vector<std::string>& words,
               Arguments& arguments) {
  for (const std::string& word : words) {
    if (arguments.words.size() < command.plain_words_max)
      arguments.words.push_back(word);
    else
      arguments.secret_words.emplace_back(word);
  }
}

void add_values(const std::vector<const OptionSpec*>& options, const po::option& written,
                Arguments& arguments) {
  const bool secret = std::ranges::any_of(options, [&](const OptionSpec* option) {
    return option->secret && option->name == written.string_key;
  });
  if (secret) {
    auto& values = arguments.secret_options[written.string_key];
    for (const std::string& value : written.value) values.emplace_back(value);
  } else {
    auto& values = arguments.options[written.string_key];
    values.insert(values.end(), written.value.begin(), written.value.end());
  }
}

/// The parser takes "-x" for an argument, since no option has a short name.
void check_dashes(const Command& command, const std::vector<const OptionSpec*>& options,
                  const Arguments& arguments, const std::vector<std::string>& rest) {
  if (std::ranges::find(rest, "--") != rest.end()) return;
  const auto check = [&](std::string_view word) {
    if (word.size() > 1 && word.starts_with('-'))
      refuse_unknown(command, options, std::string(word.substr(0, word.find('='))));
  };
  for (const std::string& word : arguments.words) check(word);
  for (const SecretValue& word : arguments.secret_words) check(word.reveal());
}

void check_count(const Command& command, std::size_t count) {
  if (count >= command.words_min && count <= command.words_max) return;
  const std::string usage = std::string(command.words) + (command.arguments.empty() ? "" : " ") +
                            std::string(command.arguments);
  throw UsageError((count < command.words_min ? "something is missing behind '"
                                              : "there is one argument too many behind '") +
                       std::string("kist ") + std::string(command.words) + "'; expected: kist " +
                       usage,
                   hint_for(command));
}

void check_repetition(const Command& command, const std::vector<const OptionSpec*>& options,
                      const Arguments& arguments) {
  for (const OptionSpec* const option : options) {
    if (option->repeatable || option->value.empty() || arguments.all(option->name).size() < 2)
      continue;
    throw UsageError("option '--" + std::string(option->name) + "' is given twice",
                     hint_for(command));
  }
}

void check_paths(const std::vector<const OptionSpec*>& options, const Arguments& arguments) {
  for (const OptionSpec* const option : options) {
    if (option->value != "PATH" && option->value != "FILE") continue;
    if (std::ranges::find(arguments.all(option->name), "") != arguments.all(option->name).end())
      throw UsageError("--" + std::string(option->name) + " names no file");
  }
}

}  // namespace

std::span<const OptionSpec> common_options() { return kCommonOptions; }
std::span<const OptionSpec> server_options() { return kServerOptions; }

std::vector<std::string> with_long_help(std::vector<std::string> line) {
  std::replace(line.begin(), std::ranges::find(line, "--"), std::string("-h"),
               std::string("--help"));
  return line;
}

CommandLine split_command_line(std::span<const Command> commands, std::vector<std::string> line) {
  CommandLine result;
  bool ended = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string& word = line[i];
    ended = ended || result.words.size() == kCommandWords || word == "--" ||
            (result.words.size() == 1 && is_command(commands, result.words[0]));
    if (ended || word.starts_with("-")) {
      const bool value_follows = !ended && takes_value(word) && i + 1 < line.size();
      result.rest.push_back(std::move(word));
      if (value_follows) result.rest.push_back(std::move(line[++i]));
    } else {
      result.words.push_back(std::move(word));
    }
  }
  return result;
}

Arguments parse_arguments(const Command& command, std::vector<std::string> rest) {
  const auto options = options_of(command);
  const po::options_description description = description_of(options);
  using Style = po::command_line_style::style_t;
  constexpr int style = Style::allow_long | Style::long_allow_adjacent | Style::long_allow_next;
  Arguments arguments;
  try {
    const auto parsed = po::command_line_parser(rest).options(description).style(style).run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0)
        add_words(command, option.value, arguments);
      else
        add_values(options, option, arguments);
    }
  } catch (const po::unknown_option& error) {
    refuse_unknown(command, options, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    refuse_syntax(command, error);
  } catch (const po::error&) {
    throw UsageError("the options of 'kist " + std::string(command.words) + "' cannot be read",
                     hint_for(command));
  }
  if (arguments.has("help")) return arguments;
  check_repetition(command, options, arguments);
  check_paths(options, arguments);
  check_dashes(command, options, arguments, rest);
  check_count(command, arguments.words.size() + arguments.secret_words.size());
  return arguments;
}

bool wants_json(std::span<const std::string> line) {
  for (std::size_t i = 0; i < line.size() && line[i] != "--"; ++i) {
    if (line[i] == "--output=json") return true;
    if (line[i] == "--output" && i + 1 < line.size() && line[i + 1] == "json") return true;
  }
  return false;
}

}  // namespace kist::cli
