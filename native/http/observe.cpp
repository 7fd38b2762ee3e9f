// What became of requests, for logs and measurements: told to the transport where the options ask for it.
#include <time.h>

#include "flow/scheduler.h"
#include "http/connection.h"
#include "http/text.h"

namespace workerd::http {

namespace {
int64_t NowNs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}
}  // namespace

void Connection::ObserveStart(const Request& request) {
  observed_ = std::make_unique<Observed>();
  observed_->method = request.method;
  observed_->url = request.url;
  observed_->trace = FindHeader(request.headers, "traceparent");
  observed_->started_ns = NowNs();
}

void Connection::ObserveAnswer(int status, const Exchange& exchange) {
  if (!observed_) return;
  observed_->status = status;
  if (exchange.abandoned_owner) observed_->number = exchange.abandoned_id;
}

void Connection::ObserveEnd(bool complete) {
  if (!observed_) return;
  observed_->complete = complete;
  observed_->seconds = static_cast<double>(NowNs() - observed_->started_ns) * 1e-9;
  finished_.push_back(std::move(observed_));
  observed_.reset();
  if (finished_.size() > 1) return;  // arranged for already
  RefPtr<Connection> self(this);
  Scheduler::AtIdle([self] { self->TellFinished(); });
}

void Connection::TellFinished() {
  auto finished = std::move(finished_);
  finished_.clear();
  for (auto& each : finished) {
    if (!lost_) transport_->OnRequest(*each);
  }
}

}  // namespace workerd::http
