// Wrapped bindings as arguments and properties: whoever gets one has it made anew by the same module, around the same service.
import assert from 'node:assert';
import { WorkerEntrypoint } from 'cloudflare:workers';

export class Backend extends WorkerEntrypoint {
  fetch() {
    return new Response('fetched');
  }
  double(x) {
    return x * 2;
  }
}

export class Receiver extends WorkerEntrypoint {
  async use(client, again) {
    return [client === again, client.made, await client.text(), await client.double(4)];
  }
  async useProps() {
    return this.ctx.props.list[0].text();
  }
  give(client) {
    return { client };
  }
}

export default {
  async test(controller, { CLIENT, RECEIVER, GATED, HALF }, ctx) {
    assert.strictEqual(CLIENT.made, 'made by the module');
    CLIENT.made = 'changed';
    assert.deepStrictEqual(await RECEIVER.use(CLIENT, CLIENT), [true, 'made by the module', 'fetched', 8]);
    assert.deepStrictEqual(await GATED.fetch('http://x/').then((r) => r.text()), 'undefined 8');
    assert.strictEqual(await ctx.exports.Receiver({ props: { list: [CLIENT] } }).useProps(), 'fetched');
    using back = await RECEIVER.give(CLIENT);
    assert.strictEqual(await back.client.text(), 'fetched');
    assert.notStrictEqual(back.client, CLIENT);
    // Only for other workers; and only with a service inside.
    assert.throws(() => structuredClone(CLIENT), { name: 'DataCloneError' });
    await assert.rejects(async () => RECEIVER.use(HALF), { name: 'DataCloneError' });
  },
};
