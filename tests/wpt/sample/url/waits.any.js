promise_test(() => new Promise(() => {}), 'never settles');
promise_test(() => Promise.resolve(), 'never begins');
