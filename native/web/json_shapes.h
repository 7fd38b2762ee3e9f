// The shapes of objects (their keys, in order) that JSON documents of one realm have had, as a tree of keys. What came
// often enough is learned: the platform compiles a function that makes such objects (platform/js/json.ts).
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace workerd::web {

// A name with the quote that ends it.
class JsonKey {
 public:
  explicit JsonKey(std::string_view text) : text_(text), short_(text.size() <= sizeof(words_)) {
    if (!short_) return;
    memset(masks_, 0xFF, text.size());
    memcpy(words_, text.data(), text.size());
  }
  std::string_view text() const { return text_; }
  size_t size() const { return text_.size(); }
  // Whether what is at `at` begins so.
  bool IsAt(const char* at, const char* end) const {
    auto left = static_cast<size_t>(end - at);
    if (short_ && left >= sizeof(words_)) {
      uint64_t words[2];
      memcpy(words, at, sizeof(words));
      return (((words[0] & masks_[0]) ^ words_[0]) | ((words[1] & masks_[1]) ^ words_[1])) == 0;
    }
    return left >= text_.size() && memcmp(at, text_.data(), text_.size()) == 0;
  }

 private:
  std::string text_;
  uint64_t words_[2] = {}, masks_[2] = {};
  bool short_;
};

// An object that had the keys on the way here, and the last of them.
struct JsonShape {
  JsonShape(JsonShape* before, std::string_view name)
      : key(name), parent(before), keys(before ? before->keys + 1 : 0) {}
  const JsonKey key;
  JsonShape* const parent;
  const size_t keys;
  int id = -1;  // index of the function that makes such objects; -1: not learned
  uint32_t seen = 0;
  JsonShape* last = nullptr;      // the key that came next, the last time
  JsonShape* expected = nullptr;  // the first key of the object that was the value, the last time
  std::vector<std::unique_ptr<JsonShape>> next;
};

class JsonShapes {
 public:
  // Functions, and what is remembered of shapes that may never come again, are bounded.
  static constexpr size_t kMaxLearned = 256, kMaxKnown = 4096, kMaxKeys = 32, kMaxNext = 64, kMaxKeyLength = 64;
  // So many objects of a shape make a function worth compiling. Fewer if much is in them: without a function, V8 reads
  // it all.
  static constexpr uint32_t kLearnAfter = 8, kLearnOuterAfter = 2;

  JsonShape* root() { return &root_; }
  // With one key more; nullptr if objects with such keys are not for functions, or there is no room.
  JsonShape* With(JsonShape* shape, std::string_view key);
  // One more such object. False if there is no function for it.
  bool See(JsonShape* shape, bool outer);
  // At the start of a document: makes room.
  void Forget();
  static std::vector<std::string_view> Keys(const JsonShape* shape);

  // Documents that will be left to V8, since so many before, one after the other, were not like what was learned.
  int skip = 0, unlike = 0;
  // By their ids.
  std::vector<const JsonShape*> learned;
  JsonShape* expected = nullptr;  // the first key of the document

 private:
  JsonShape root_{nullptr, ""};
  size_t known_ = 0;
};

}  // namespace workerd::web
