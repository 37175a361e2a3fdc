// SPDX-License-Identifier: MIT
#pragma once

// How every benchmark here measures: all contenders in one process, in turn (A B C A B C ...), so that whatever else
// the machine does falls on all of them; the median of each, and the median of the ratios taken turn by turn.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wick_bench {

/// Seconds since some moment.
inline double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

/// Keeps a value alive that nothing else reads, so that the work behind it is not optimised away.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "r,m"(value) : "memory");
}

/// `--name=value` arguments with defaults; an unknown name is refused with the list of the known ones.
class Options {
public:
    Options(int argc, char** argv, std::map<std::string, double> defaults) : values_(std::move(defaults)) {
        for (int i = 1; i < argc; ++i) {
            const std::string_view argument = argv[i];
            const auto equals = argument.find('=');
            const auto found = argument.starts_with("--") && equals != argument.npos
                                   ? values_.find(std::string(argument.substr(2, equals - 2)))
                                   : values_.end();
            if (found == values_.end()) {
                std::fprintf(stderr, "unknown option %s; known, with their defaults:\n", argv[i]);
                for (const auto& [name, value] : values_)
                    std::fprintf(stderr, "  --%s=%g\n", name.c_str(), value);
                std::exit(2);
            }
            found->second = std::stod(std::string(argument.substr(equals + 1)));
        }
    }

    double operator[](const std::string& name) const { return values_.at(name); }

private:
    std::map<std::string, double> values_;
};

/// One way to do the work; `run` does it once and returns how many rows it did in a second.
struct Contender {
    std::string name;
    std::function<double()> run;
};

/// Runs all contenders in turn and prints one line each: rows/s, GB/s and the ratio to each baseline.
///
/// The first contender is the limit (what the machine can do); the ones named in `baselines` are compared with, too.
/// Returns the ratio of contender i to contender 0.
inline std::vector<double> compare(const std::string& title, const std::vector<Contender>& contenders,
                                   std::size_t row_bytes, int turns,
                                   const std::vector<std::size_t>& baselines = {}) {
    std::vector<std::vector<double>> rates(contenders.size());
    for (const Contender& contender : contenders) contender.run();  // caches, page tables, threads
    for (int turn = 0; turn < turns; ++turn)
        for (std::size_t i = 0; i < contenders.size(); ++i) rates[i].push_back(contenders[i].run());
    const auto ratio = [&](std::size_t i, std::size_t base) {
        std::vector<double> ratios;
        for (std::size_t turn = 0; turn < rates[i].size(); ++turn)
            ratios.push_back(rates[i][turn] / rates[base][turn]);
        return median(ratios);
    };
    std::printf("\n%s\n  %-34s %12s %9s %8s", title.c_str(), "", "rows/s", "GB/s", "/limit");
    for (const std::size_t base : baselines) std::printf(" %20s", ("/" + contenders[base].name).c_str());
    std::vector<double> to_limit;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        const double rate = median(rates[i]);
        to_limit.push_back(ratio(i, 0));
        std::printf("\n  %-34s %12.0f %9.3f %8.2f", contenders[i].name.c_str(), rate,
                    rate * static_cast<double>(row_bytes) / 1e9, to_limit.back());
        for (const std::size_t base : baselines) std::printf(" %20.2f", ratio(i, base));
    }
    std::printf("\n");
    std::fflush(stdout);
    return to_limit;
}

}  // namespace wick_bench
