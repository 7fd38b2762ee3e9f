export default {
  queue(batch, env, ctx) {
    ctx.waitUntil(scheduler.wait(60000));
    batch.messages[0].ack();
  },
};
