// SPDX-License-Identifier: MIT
#pragma once

// What ThreadSanitizer does not see: the double's own books must not look like an order between the threads
// of the code that is tested.

#include <mutex>

#if defined(__SANITIZE_THREAD__)
#define WICK_TEST_UNSEEN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WICK_TEST_UNSEEN 1
#endif
#endif

#ifdef WICK_TEST_UNSEEN
extern "C" {
void AnnotateIgnoreSyncBegin(const char*, int);
void AnnotateIgnoreSyncEnd(const char*, int);
void AnnotateIgnoreReadsBegin(const char*, int);
void AnnotateIgnoreReadsEnd(const char*, int);
void AnnotateIgnoreWritesBegin(const char*, int);
void AnnotateIgnoreWritesEnd(const char*, int);
}
#endif

namespace wick_test::fake {

/// For as long as it lives, what its thread reads, writes and orders is not seen.
class Unseen {
public:
    Unseen() {
#ifdef WICK_TEST_UNSEEN
        AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
        AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    ~Unseen() {
#ifdef WICK_TEST_UNSEEN
        AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
        AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
#endif
    }
};

/// Holds a mutex, unseen; all that the mutex guards is touched under such a lock alone.
class UnseenLock {
public:
    explicit UnseenLock(std::mutex& mutex) : lock_(mutex) {}

private:
    const Unseen unseen_;  // first, and so until the mutex is free again
    const std::lock_guard<std::mutex> lock_;
};

}  // namespace wick_test::fake
