// SPDX-License-Identifier: MIT
#pragma once

// What the benchmarks of devices share: which device, waiting for it, and work for it.

#include <wick/tensor/device.hpp>

#include "compare.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

namespace wick_bench {

/// Takes `--device=cuda:0` out of the arguments; without it, it is "cuda". Ends the program with one line if there is no
/// such device.
inline c10::Device device_argument(int& argc, char** argv) {
    std::string name = "cuda";
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        constexpr std::string_view prefix = "--device=";
        if (const std::string_view argument = argv[i]; argument.starts_with(prefix))
            name = argument.substr(prefix.size());
        else
            argv[kept++] = argv[i];
    }
    argc = kept;
    try {
        return wick::concrete_device(c10::Device(name));
    } catch (const std::exception& error) {
        const std::string text = error.what();
        std::fprintf(stderr, "no device to measure: %s\n", text.substr(0, text.find('\n')).c_str());
        std::exit(1);
    }
}

/// Waits until the device has done all that the current stream was told.
inline void finish(c10::Device device) {
    const auto* interface = wick::detail::device_interface(device.type());
    if (interface == nullptr) return;
    c10::Event event(device.type());
    event.record(interface->getStream(device));
    wick::detail::wait_on_host(event);
}

/// Work on the device of about so many seconds, without a byte over the bus.
class Work {
public:
    Work(c10::Device device, double seconds)
        : device_(device), a_(torch::randn({side(device), side(device)}, device)), b_(torch::empty_like(a_)) {
        double measured = run(1);
        for (products_ = 1; measured < 0.005; products_ *= 2) measured = run(2 * products_);
        products_ = std::max(1, static_cast<int>(products_ * seconds / measured));
        seconds_ = run(products_);
    }

    /// Tells the current stream to do it.
    void submit() { multiply(products_); }

    /// What it takes alone.
    double seconds() const { return seconds_; }

private:
    void multiply(int products) {
        for (int i = 0; i < products; ++i) torch::mm_out(b_, a_, a_);
    }
    double run(int products) {
        const double begin = now();
        multiply(products);
        finish(device_);
        return now() - begin;
    }
    static std::int64_t side(c10::Device device) { return device.is_cpu() ? 64 : 512; }

    c10::Device device_;
    torch::Tensor a_, b_;
    int products_ = 1;
    double seconds_ = 0;
};

}  // namespace wick_bench
