addEventListener('scheduled', (event) => {
  if (event.cron === 'none') event.noRetry();
  if (event.cron === 'late') event.waitUntil(Promise.reject(new Error('late')));
});
addEventListener('queue', (event) => {
  event.messages[1].retry({ delaySeconds: 3 });
  event.retryAll({ delaySeconds: event.messages[0].body });
});
