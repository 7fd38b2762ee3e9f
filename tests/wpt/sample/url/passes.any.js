// META: script=/common/helper.js
// META: variant=?one
// META: variant=?two
promise_test(async () => {
  assert_equals(answer, 42);
  const response = await fetch('resources/data.json');
  assert_equals((await response.json()).word, 'read');
}, `${location.pathname} with ${location.search}`);
test(() => assert_equals(new URL('x', location).pathname, '/url/x'), 'lone surrogate \ud800');
