test(() => assert_equals(1, 2), 'same name');
test(() => assert_equals(1, 1), 'same name');
