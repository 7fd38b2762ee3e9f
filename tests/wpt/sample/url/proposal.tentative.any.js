test(() => {}, 'not run');
