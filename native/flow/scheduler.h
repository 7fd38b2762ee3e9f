// Calls into workers are queued and run one turn after the other, never nested: the stack stays flat however long a
// chain of service bindings is, and a worker is never re-entered in the middle of its own code.
#pragma once
#include <functional>

#include "flow/ref.h"

namespace workerd {

class Realm;  // a worker's context (engine/realm.h)
class IsolateHolder;

class Scheduler {
 public:
  // Queues `task` to run inside a turn of `realm` (isolate and context entered; microtasks run afterwards).
  static void Post(RefPtr<Realm> realm, std::function<void()> task);
  // The same without a closure to allocate: run(realm, object, argument).
  static void Post(RefPtr<Realm> realm, RefPtr<RefCounted> object, void (*run)(Realm*, RefCounted*, int64_t),
                   int64_t argument = 0);
  // Queues `flush` to run, outside of any isolate, once the queue is empty: for writes that should be made once a
  // batch.
  static void AtIdle(std::function<void()> flush);
  // Runs what is queued, unless it is running already further up the stack (then that run picks it up) or an isolate is
  // entered. Every entry point from Python ends with this. After a bounded time the rest is left for the event loop's
  // next round.
  static void Run();

  // While a debugger holds an isolate in the middle of its code, others may run from a loop nested in it: for the time
  // of this object Run() works as if nothing were running, and what is queued for that isolate is kept for afterwards.
  class Suspension {
   public:
    explicit Suspension(IsolateHolder* holder);
    ~Suspension();
    Suspension(const Suspension&) = delete;
    Suspension& operator=(const Suspension&) = delete;

   private:
    IsolateHolder* holder_;
    int depth_;
    bool running_;
  };
};

}  // namespace workerd
