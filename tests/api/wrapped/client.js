import base from 'cloudflare-internal:wrapped-binding';

class Client extends base.WrappedBinding {
  #fetcher;
  made = 'made by the module';
  constructor(fetcher) {
    super(fetcher);
    this.#fetcher = fetcher;
  }
  async text() {
    return (await this.#fetcher.fetch('http://inside/')).text();
  }
  double(x) {
    return this.#fetcher.double(x);
  }
}

export default ({ fetcher }) => new Client(fetcher);
