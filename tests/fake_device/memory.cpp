// SPDX-License-Identifier: MIT
// The double's memory: who reads it too late or writes it too early does not find what he expects.

#include "fake_device/copy.hpp"
#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace wick_test::by_hand;
using wick_test::FakeDevice;

namespace {

void use_on(const at::Tensor& tensor, c10::Stream stream) {
    backend().recordDataPtrOnStream(tensor.storage().data_ptr(), stream);
}

/// Whether reading a byte there ends the process.
bool faults(const void* address) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's own would write a report
        ::_exit(*static_cast<const volatile char*>(address) == 0 ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

}  // namespace

TEST_CASE(
    "fake device: memory that is dropped while another stream reads it is overwritten, unless that was "
    "recorded") {
    const bool recorded = GENERATE(true, false);
    FakeDevice fake;
    const c10::Stream side = side_stream();
    const at::Tensor host = pinned(2);
    Copy copy(host, side);
    copy.event.block(fake.current_stream());
    fake.hold(fake.current_stream());
    const auto seen = fake.read(copy.tensor);
    if (recorded) use_on(copy.tensor, fake.current_stream());
    const void* address = std::exchange(copy.tensor, at::Tensor()).data_ptr();
    const Copy next(pinned(3), side);  // takes the block if it is free
    CHECK((next.tensor.data_ptr() == address) == !recorded);
    backend().synchronizeStream(side);
    fake.release(fake.current_stream());
    fake.synchronize();
    CHECK((seen->as<float>() == all(2)) == recorded);
    CHECK(fake.violations().empty() == recorded);
    const Copy last(host, side);  // now that the kernel is done, the block is free either way
    CHECK((last.tensor.data_ptr() == address) == recorded);
}

TEST_CASE("fake device: memory that is dropped is 0xDD to those who still read it") {
    FakeDevice fake;
    std::shared_ptr<const wick_test::FakeReading> seen;
    const c10::Stream side = side_stream();
    fake.hold(side);
    {
        const at::Tensor dropped = at::ones({elements}, fake.device());
        const c10::StreamGuard guard(side);
        seen = fake.read(dropped);
    }
    backend().synchronizeStream(fake.current_stream());
    fake.release(side);
    backend().synchronizeStream(side);
    CHECK((seen->bytes == std::vector<std::byte>(elements * sizeof(float), std::byte{0xDD})));
}

TEST_CASE("fake device: pinned memory that is written before its copy has run spoils the copy") {
    FakeDevice fake;
    const c10::Stream side = side_stream();
    at::Tensor host = pinned(2);
    fake.hold(side);
    const Copy copy(host, side);
    fake.host_writes({static_cast<std::byte*>(host.data_ptr()), host.nbytes()});
    host.fill_(3);
    CHECK(says(fake.violations(), "the host writes what \"copy to device\" on stream 1 of device 0 reads"));
    fake.release(side);
    fake.synchronize();
    CHECK(at::equal(copy.tensor.cpu(), host));
}

TEST_CASE(
    "fake device: pinned memory waits for the copies of its own tensor, but not of tensors made over a part "
    "of it") {
    const bool own = GENERATE(true, false);
    FakeDevice fake;
    const c10::Stream side = side_stream();
    fake.hold(side);
    at::Tensor host = pinned(2);
    auto* address = static_cast<float*>(host.data_ptr());
    const Copy copy(own ? host : at::from_blob(address + 1, {elements - 1}, at::kFloat), side);
    host.reset();
    const at::Tensor next = pinned(3);
    CHECK((next.data_ptr() == address) != own);
    fake.release(side);
    fake.synchronize();
    CHECK((copy.tensor.cpu()[0].item<float>() == 2.0F) == own);
    if (own) CHECK(pinned(4).data_ptr() == address);
}

TEST_CASE("fake device: a copy from memory that is not pinned takes the bytes at once") {
    FakeDevice fake;
    const c10::Stream side = side_stream();
    at::Tensor host = at::full({elements}, 2.0F);
    fake.hold(side);
    const Copy copy(host, side);
    host.fill_(3);
    fake.release(side);
    fake.synchronize();
    CHECK(at::equal(copy.tensor.cpu(), at::full({elements}, 2.0F)));
    CHECK(fake.counters().pageable_copies == 2);
    CHECK(fake.counters().bytes_to_device == host.nbytes());
    CHECK(fake.counters().bytes_to_host == host.nbytes());
}

TEST_CASE("fake device: the host's reading of device memory faults") {
    const FakeDevice fake;
    const at::Tensor host = at::ones({elements});
    const at::Tensor there = host.to(fake.device());
    CHECK(faults(there.data_ptr()));
    CHECK_FALSE(faults(host.data_ptr()));
}

TEST_CASE("fake device: where there is none, memory is refused, pinned memory too") {
    const FakeDevice fake({.devices = 0});
    CHECK(backend().deviceCount() == 0);
    CHECK_THROWS_WITH(at::empty({1}, fake.device()), ContainsSubstring("there is no driver"));
    CHECK_THROWS_AS(pinned(1), c10::Error);
    c10::Event event(FakeDevice::type);
    CHECK(event.query());
}

TEST_CASE("fake device: memory is counted and can run out, and what lies beside a block is not its own") {
    FakeDevice fake({.memory_bytes = 8192});
    at::Tensor tensor = at::empty({1024}, at::TensorOptions(at::kFloat).device(fake.device()));
    CHECK(fake.counters().blocks == 1);
    CHECK(fake.counters().bytes == 4096);
    CHECK_THROWS_WITH(
        at::empty({8192}, at::TensorOptions(at::kByte).device(fake.device())),
        ContainsSubstring("out of memory: 8192 bytes are asked for, and 4096 of 8192 are taken"));
    CHECK_THROWS_WITH(at::detail::make_tensor<c10::TensorImpl>(c10::Storage(tensor.storage()),
                                                               tensor.key_set(), tensor.dtype())
                          .as_strided({1024}, {1}, 512)
                          .fill_(0),
                      ContainsSubstring("do not lie in one block"));
    tensor.reset();
    CHECK(fake.counters().blocks == 0);
    CHECK(fake.counters().peak_bytes == 4096);
}
