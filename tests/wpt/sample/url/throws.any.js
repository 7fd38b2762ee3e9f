test(() => assert_equals(1, 1), 'before');
undefinedFunction();
