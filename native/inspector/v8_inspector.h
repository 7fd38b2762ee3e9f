// What we use of V8's inspector, declared by hand: no package has the headers of this version. Facts taken from the
// library itself: the vtables of V8InspectorImpl and V8InspectorSessionImpl (in .data.rel.ro, which every entry's
// symbol names), and the slots through which the library calls a client. Order and signature of every virtual function
// count; those we never call are placeholders. The self-test of the inspector (tests/observe/inspector) goes through
// each function that is called here.
#pragma once
#include <v8.h>

namespace v8_inspector {

// Not owned. 8-bit text is Latin-1, but UTF-8 in protocol messages to V8; those from V8 are ASCII.
class StringView {
 public:
  StringView() = default;
  StringView(const uint8_t* characters, size_t length) : length_(length), characters8_(characters) {}
  StringView(const uint16_t* characters, size_t length)
      : is_8bit_(false), length_(length), characters8_(reinterpret_cast<const uint8_t*>(characters)) {}
  explicit StringView(std::string_view s) : StringView(reinterpret_cast<const uint8_t*>(s.data()), s.size()) {}
  bool is8Bit() const { return is_8bit_; }
  size_t length() const { return length_; }
  const uint8_t* characters8() const { return characters8_; }
  const uint16_t* characters16() const { return reinterpret_cast<const uint16_t*>(characters8_); }

 private:
  bool is_8bit_ = true;
  size_t length_ = 0;
  const uint8_t* characters8_ = nullptr;
};

class StringBuffer {
 public:
  virtual ~StringBuffer() = default;
  virtual StringView string() const = 0;
};

struct V8ContextInfo {
  v8::Local<v8::Context> context;
  int contextGroupId;
  StringView humanReadableName;
  StringView origin;
  StringView auxData;
  bool hasMemoryOnConsole = false;
};

class V8StackTrace;

// The library frees it through its destructor, at slot 1.
class V8InspectorSession {
 public:
  virtual ~V8InspectorSession() = default;
  virtual void addInspectedObject_() = 0;
  virtual void dispatchProtocolMessage(StringView message) = 0;
  virtual void state_() = 0;
  virtual void supportedDomains_() = 0;
  virtual void schedulePauseOnNextStatement(StringView reason, StringView details) = 0;
  virtual void cancelPauseOnNextStatement() = 0;
  virtual void breakProgram(StringView reason, StringView details) = 0;
  virtual void setSkipAllPauses(bool) = 0;
  virtual void resume(bool terminate) = 0;
  virtual void stepOver() = 0;
  virtual void searchInTextByLines_() = 0;
  virtual void wrapObject_() = 0;
  virtual void unwrapObject_() = 0;
  virtual void releaseObjectGroup(StringView) = 0;
  virtual void triggerPreciseCoverageDeltaUpdate(StringView) = 0;
  virtual void evaluate_() = 0;
  // Prepares for its end: no pauses any more.
  virtual void stop() = 0;
};

class V8InspectorClient {
 public:
  virtual ~V8InspectorClient() = default;
  virtual void runMessageLoopOnPause(int group) {}
  virtual void runMessageLoopOnInstrumentationPause(int group) { runMessageLoopOnPause(group); }
  virtual void quitMessageLoopOnPause() {}
  virtual void runIfWaitingForDebugger(int group) {}
  virtual void muteMetrics(int group) {}
  virtual void unmuteMetrics(int group) {}
  virtual void beginUserGesture() {}
  virtual void endUserGesture() {}
  virtual void* deepSerialize(v8::Local<v8::Value>, int, v8::Local<v8::Object>) { return nullptr; }
  virtual std::__Cr::unique_ptr<StringBuffer> valueSubtype(v8::Local<v8::Value>) { return nullptr; }
  virtual std::__Cr::unique_ptr<StringBuffer> descriptionForValueSubtype(v8::Local<v8::Context>, v8::Local<v8::Value>) {
    return nullptr;
  }
  virtual bool isInspectableHeapObject(v8::Local<v8::Object>) { return true; }
  virtual v8::Local<v8::Context> ensureDefaultContextInGroup(int group) { return {}; }
  virtual void beginEnsureAllContextsInGroup(int group) {}
  virtual void endEnsureAllContextsInGroup(int group) {}
  virtual void installAdditionalCommandLineAPI(v8::Local<v8::Context>, v8::Local<v8::Object>) {}
  virtual void unused18_() {}
  virtual void consoleAPIMessage_() {}
  virtual v8::MaybeLocal<v8::Value> memoryInfo(v8::Isolate*, v8::Local<v8::Context>) { return {}; }
  virtual void consoleTime_() {}
  virtual void consoleTimeEnd_() {}
  virtual void consoleTimeStamp_() {}
  virtual void consoleTimeStampWithArgs_() {}
  virtual void consoleClear(int group) {}
  virtual double currentTimeMS() { return 0; }
  using TimerCallback = void (*)(void*);
  virtual void startRepeatingTimer(double seconds, TimerCallback, void* data) {}
  virtual void cancelTimer(void* data) {}
  virtual bool canExecuteScripts(int group) { return true; }
  virtual void maxAsyncCallStackDepthChanged(int depth) {}
  virtual std::__Cr::unique_ptr<StringBuffer> resourceNameToUrl(const StringView&) { return nullptr; }
  virtual int64_t generateUniqueId() { return 0; }
  virtual void dispatchError(v8::Local<v8::Context>, v8::Local<v8::Message>, v8::Local<v8::Value>) {}
};

class V8Inspector {
 public:
  static std::__Cr::unique_ptr<V8Inspector> create(v8::Isolate*, V8InspectorClient*);
  virtual ~V8Inspector() = default;
  virtual void contextCreated(const V8ContextInfo&) = 0;
  virtual void contextDestroyed(v8::Local<v8::Context>) = 0;
  virtual void resetContextGroup(int group) = 0;
  virtual void contextById_() = 0;
  virtual void uniqueDebuggerId_() = 0;
  virtual void isolateId_() = 0;
  virtual void idleStarted() = 0;
  virtual void idleFinished() = 0;
  virtual void asyncTaskScheduled(StringView name, void* task, bool recurring) = 0;
  virtual void asyncTaskCanceled(void* task) = 0;
  virtual void asyncTaskStarted(void* task) = 0;
  virtual void asyncTaskFinished(void* task) = 0;
  virtual void allAsyncTasksCanceled() = 0;
  virtual void storeCurrentStackTrace_() = 0;
  virtual void externalAsyncTaskStarted_() = 0;
  virtual void externalAsyncTaskFinished_() = 0;
  virtual unsigned exceptionThrown(v8::Local<v8::Context>, StringView message, v8::Local<v8::Value> exception,
                                   StringView detailed, StringView url, unsigned line, unsigned column,
                                   std::__Cr::unique_ptr<V8StackTrace>, int script) = 0;
  virtual void exceptionRevoked(v8::Local<v8::Context>, unsigned exception, StringView message) = 0;
  virtual void associateExceptionData_() = 0;

  class Channel {
   public:
    virtual ~Channel() = default;
    virtual void sendResponse(int call, std::__Cr::unique_ptr<StringBuffer> message) = 0;
    virtual void sendNotification(std::__Cr::unique_ptr<StringBuffer> message) = 0;
    virtual void flushProtocolNotifications() = 0;
  };
  enum ClientTrustLevel { kUntrusted, kFullyTrusted };
  enum SessionPauseState { kWaitingForDebugger, kNotWaitingForDebugger };
  virtual std::__Cr::unique_ptr<V8InspectorSession> connect(int group, Channel*, StringView state, ClientTrustLevel,
                                                            SessionPauseState) = 0;
  virtual void connectShared_() = 0;
  virtual std::__Cr::unique_ptr<V8StackTrace> createStackTrace(v8::Local<v8::StackTrace>) = 0;
};

}  // namespace v8_inspector
