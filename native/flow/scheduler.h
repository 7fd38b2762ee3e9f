// Calls into workers are queued and run one turn after the other, never nested: the stack stays flat however long a chain of service
// bindings is, and a worker is never re-entered in the middle of its own code.
#pragma once
#include <functional>

#include "flow/ref.h"

namespace workerd {

class Realm;  // a worker's context (engine/realm.h)

class Scheduler {
 public:
  // Queues `task` to run inside a turn of `realm` (isolate and context entered; microtasks run afterwards).
  static void Post(RefPtr<Realm> realm, std::function<void()> task);
  // Queues `flush` to run, outside of any isolate, once the queue is empty: for writes that should be made once a batch.
  static void AtIdle(std::function<void()> flush);
  // Runs what is queued, unless it is running already further up the stack (then that run picks it up) or an isolate is entered.
  // Every entry point from Python ends with this. After a bounded time the rest is left for the event loop's next round.
  static void Run();
};

}  // namespace workerd
