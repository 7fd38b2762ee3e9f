test(() => document.createElement('a'), 'not run');
