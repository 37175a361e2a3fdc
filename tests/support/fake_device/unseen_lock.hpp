// SPDX-License-Identifier: MIT
#pragma once

// A lock that ThreadSanitizer does not see: what the double keeps in its own books must not look like an order between
// the threads of the code that is tested.

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

/// Holds a mutex, unseen; all that the mutex guards is touched under such a lock alone.
class UnseenLock {
public:
    explicit UnseenLock(std::mutex& mutex) : mutex_(mutex) {
#ifdef WICK_TEST_UNSEEN
        AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
        AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
        AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
        mutex_.lock();
    }
    UnseenLock(const UnseenLock&) = delete;
    UnseenLock& operator=(const UnseenLock&) = delete;
    ~UnseenLock() {
        mutex_.unlock();
#ifdef WICK_TEST_UNSEEN
        AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
        AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
#endif
    }

private:
    std::mutex& mutex_;
};

}  // namespace wick_test::fake
