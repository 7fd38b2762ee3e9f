import wrappedBinding from 'cloudflare-internal:wrapped-binding';

class Counter extends wrappedBinding.WrappedBinding {
  constructor(env) {
    super();
    this.env = env;
  }

  async next(key) {
    const value = Number(await this.env.kv.get(key)) + this.env.step;
    await this.env.kv.put(key, `${value}`);
    return value;
  }
}

export default (env) => new Counter(env);
