// SPDX-License-Identifier: Apache-2.0
#include "log/log.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>

#include "config/configuration.hpp"
#include "log/descriptor_sink.hpp"
#include "log/line.hpp"

namespace kist::log {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%d %H:%M:%S.%e %-5l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

/// The words that the reader of the configuration takes.
spdlog::level::level_enum level_of(const core::LogSettings& settings) {
  return spdlog::level::from_str(settings.level);
}

spdlog::level::level_enum spdlog_level(Level level) {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::trace, spdlog::level::debug,
                                                  spdlog::level::info, spdlog::level::warn,
                                                  spdlog::level::err};
  return levels[static_cast<int>(level)];
}

bool wants_json(const core::LogSettings& settings, int descriptor) {
  return settings.format == "json" || (settings.format == "auto" && ::isatty(descriptor) == 0);
}

template <std::string (*write)(std::string_view, std::span<const Field>)>
std::string lost(std::uint64_t count) {
  const Field fields[] = {{"count", count}};
  return write("lines of the log were lost: nobody took them", std::span(fields));
}

}  // namespace

class Log::Writer {
 public:
  Writer(const core::LogSettings& settings, int descriptor)
      : json_(wants_json(settings, descriptor)), logger_("kist") {
    auto sink = std::make_shared<DescriptorSink>(descriptor, json_ ? lost<json_of> : lost<text_of>);
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        json_ ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc, "\n"));
    logger_.sinks().push_back(std::move(sink));
    logger_.set_level(level_of(settings));
    logger_.set_error_handler([](const std::string&) {});  // spdlog's own would print, and where?
  }

  spdlog::logger& logger() noexcept { return logger_; }
  bool takes(Level level) const noexcept { return logger_.should_log(spdlog_level(level)); }

  void write(Level level, std::string_view message, std::span<const Field> fields) {
    const std::string line = json_ ? json_of(message, fields) : text_of(message, fields);
    logger_.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  const bool json_;
  spdlog::logger logger_;
};

Log::Log(const core::LogSettings& settings, int descriptor)
    : writer_(std::make_unique<Writer>(settings, descriptor)) {}
Log::~Log() = default;

void Log::set_level(const core::LogSettings& settings) {
  writer_->logger().set_level(level_of(settings));
}

bool Log::takes(Level level) const noexcept { return writer_->takes(level); }

void Log::write(Level level, std::string_view message, std::span<const Field> fields) {
  if (takes(level)) writer_->write(level, message, fields);
}

}  // namespace kist::log
