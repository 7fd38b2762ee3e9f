// What a socket does to the requests that come in on it: the config's HttpOptions, and the limits.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <optional>
#include <string>
#include <vector>

#include "flow/ref.h"

namespace workerd::http {

struct HeaderEdit {
  std::string name, lower;
  std::optional<std::string> value;  // none: remove
};

struct HttpOptions : public RefCounted {
  bool proxy_style = false;
  std::string scheme = "http";         // of the physical connection
  std::string forwarded_proto_header;  // lower case; empty: none
  std::string cf_blob_header;          // lower case; empty: none
  std::vector<HeaderEdit> request_edits, response_edits;
  size_t max_url = 65533;  // as the reference has it
  size_t max_head = 512 * 1024;
  size_t max_headers = 4096;
  double head_timeout = 30;   // seconds from a request's first byte to the end of its head
  double idle_timeout = 120;  // seconds a connection may wait for its next request
  double body_timeout = 60;   // seconds without a byte of a body under way, in either direction
  bool observe = false;       // the transport is told what became of each request

  bool has_specials() const { return !forwarded_proto_header.empty() || !cf_blob_header.empty(); }
};

// From a dict with the keys: style ("host" | "proxy"), scheme, forwarded_proto_header, cf_blob_header,
// inject_request_headers and inject_response_headers (sequences of (name, value or None)), max_url, max_head,
// max_headers, head_timeout, idle_timeout, body_timeout, observe; all may be missing. Null with a Python error set when
// one is of the wrong type or unknown.
RefPtr<HttpOptions> ParseOptions(PyObject* dict);

}  // namespace workerd::http
