#include "web/json_shapes.h"

namespace workerd::web {

namespace {

// Names that an object literal can have, and that no index is.
bool Suits(const JsonShape* shape, std::string_view key) {
  if (key.size() < 2 || key.size() > JsonShapes::kMaxKeyLength || (key[0] >= '0' && key[0] <= '9')) return false;
  if (key == "__proto__\"") return false;  // sets the prototype
  for (char c : key)
    if (c < ' ' || c > '~' || c == '\\') return false;
  for (; shape->parent; shape = shape->parent)
    if (shape->key.text() == key) return false;
  return true;
}

// Drops what led to nothing that was learned. Gives how many are left.
size_t Prune(JsonShape* shape) {
  size_t left = 0;
  shape->last = shape->expected = nullptr;
  std::erase_if(shape->next, [&left](const auto& each) {
    size_t below = Prune(each.get());
    if (below == 0 && each->id < 0) return true;
    left += below + 1;
    return false;
  });
  return left;
}

}  // namespace

JsonShape* JsonShapes::With(JsonShape* shape, std::string_view key) {
  for (const auto& each : shape->next)
    if (each->key.text() == key) return each.get();
  if (known_ >= kMaxKnown || shape->keys >= kMaxKeys || shape->next.size() >= kMaxNext || !Suits(shape, key))
    return nullptr;
  ++known_;
  return shape->next.emplace_back(std::make_unique<JsonShape>(shape, key)).get();
}

bool JsonShapes::See(JsonShape* shape, bool outer) {
  if (shape->id >= 0) return true;
  if (++shape->seen < (outer ? kLearnOuterAfter : kLearnAfter) || learned.size() >= kMaxLearned) return false;
  shape->id = static_cast<int>(learned.size());
  learned.push_back(shape);
  return true;
}

void JsonShapes::Forget() {
  if (known_ < kMaxKnown) return;
  expected = nullptr;
  known_ = Prune(&root_);
}

std::vector<std::string_view> JsonShapes::Keys(const JsonShape* shape) {
  std::vector<std::string_view> keys(shape->keys);
  for (; shape->parent; shape = shape->parent) {
    std::string_view key = shape->key.text();
    keys[shape->keys - 1] = key.substr(0, key.size() - 1);
  }
  return keys;
}

}  // namespace workerd::web
