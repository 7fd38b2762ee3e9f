// node:http and node:https, cloudflare:node, node:dns, what of node:net needs no connection.
import assert from 'node:assert/strict';
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { text } from 'node:stream/consumers';
import { handleAsNodeRequest, httpServerHandler } from 'cloudflare:node';

const server = http.createServer(async (req, res) => {
  if (req.url === '/echo') {
    res.setHeader('X-Got', [req.method, req.headers['x-in'] ?? '-']);
    res.statusCode = 201;
    res.end(await text(req));
  } else if (req.url === '/pieces') {
    res.writeHead(200, 'Fine', { 'Content-Type': 'text/plain' });
    res.write('one ');
    setTimeout(() => { res.write(Buffer.from('two ')); res.end('three'); }, 1);
  } else if (req.url === '/bad') throw new Error('handler failed');
  else {
    res.writeHead(404);
    res.end();
  }
});
server.listen(8080);
export default httpServerHandler({ port: 8080 });

export const serves = {
  async test(_, env) {
    const echo = await env.SELF.fetch('http://x/echo', { method: 'POST', body: 'body', headers: { 'X-In': 'y' } });
    assert.deepEqual([echo.status, echo.headers.get('x-got'), await echo.text()], [201, 'POST, y', 'body']);
    const pieces = await env.SELF.fetch('http://x/pieces');
    assert.deepEqual([pieces.statusText, await pieces.text()], ['Fine', 'one two three']);
    assert.equal((await env.SELF.fetch('http://x/none')).status, 404);
    await assert.rejects(handleAsNodeRequest(9, new Request('http://x')), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => http.createServer().listen(8080), { code: 'ERR_SERVER_ALREADY_LISTEN' });
  },
};
export const headerRules = {
  test() {
    const message = new http.OutgoingMessage();
    assert.throws(() => message.setHeader('a b', '1'), { code: 'ERR_INVALID_HTTP_TOKEN' });
    assert.throws(() => message.setHeader('a', 'x\ny'), { code: 'ERR_INVALID_CHAR' });
    message.setHeader('A', '1');
    message.appendHeader('a', '2');
    assert.deepEqual(message.getHeaders(), { a: ['1', '2'] });
    assert.equal(http.STATUS_CODES[418], "I'm a Teapot");
  },
};
/** Requests go out through the service that globalOutbound names: the worker `outside`. */
function ask(module, options, body) {
  return new Promise((resolve, reject) => {
    module.request(options, async (res) => resolve({ status: res.statusCode, headers: res.headers, body: await text(res) })).on('error', reject).end(body);
  });
}
export const asks = {
  async test() {
    const got = await ask(http, { host: 'site', path: '/p?q', method: 'PUT', headers: { 'X-A': ['1', '2'] } }, 'data');
    assert.deepEqual([got.status, JSON.parse(got.body)], [200, { method: 'PUT', url: 'http://site/p?q', a: '1, 2', body: 'data' }]);
    assert.equal(JSON.parse((await ask(https, 'https://safe/x')).body).url, 'https://safe/x');
    assert.throws(() => http.request('https://safe'), { code: 'ERR_INVALID_PROTOCOL' });
    assert.throws(() => http.request({ host: 'site', path: '//other/' }), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => http.request({ path: '/a b' }), { code: 'ERR_UNESCAPED_CHARACTERS' });
    assert.equal(new http.Agent().getName({ host: 'a', port: 1 }), 'a:1:');
  },
};
export const names = {
  async test() {
    assert.deepEqual(await dns.promises.resolve4('host.test'), ['192.0.2.1']);
    assert.deepEqual(await dns.promises.resolve('host.test', 'MX'), [{ exchange: 'mail.test', priority: 10 }]);
    assert.deepEqual(await dns.promises.resolveTxt('host.test'), [['a', 'b c']]);
    assert.deepEqual(await dns.promises.resolveCaa('host.test'), [{ critical: 0, issue: 'ca.test' }]);
    assert.deepEqual(await new Promise((resolve) => dns.lookup('host.test', { all: true }, (e, all) => resolve(all))), [{ address: '192.0.2.1', family: 4 }, { address: '2001:db8::1', family: 6 }]);
    assert.deepEqual(await dns.promises.lookup('192.0.2.9'), { address: '192.0.2.9', family: 4 });
    await assert.rejects(dns.promises.resolve4('none.test'), { code: 'ENOTFOUND', syscall: 'queryA', hostname: 'none.test' });
    assert.throws(() => dns.lookup('x', 5), { code: 'ERR_INVALID_ARG_TYPE' });
  },
};
export const addresses = {
  test() {
    assert.deepEqual(['127.0.0.1', '::1', '1::2::3', '::ffff:1.2.3.4', '1.2.3', 'fe80::1%eth0'].map(net.isIP), [4, 6, 0, 6, 0, 6]);
    const list = new net.BlockList();
    list.addSubnet('10.0.0.0', 8);
    list.addRange('2001:db8::1', '2001:db8::ff', 'ipv6');
    assert.deepEqual([list.check('10.255.1.2'), list.check('11.0.0.0'), list.check('::ffff:10.0.0.1', 'ipv6'), list.check('2001:db8::80', 'ipv6'), list.check('2001:db8::100', 'ipv6')], [true, false, true, true, false]);
    const copy = new net.BlockList();
    copy.fromJSON(list.toJSON());
    assert.deepEqual(copy.rules, list.rules);
    assert.equal(net.SocketAddress.parse('[::1]:80').port, 80);
    assert.throws(() => net.connect({}), { code: 'ERR_MISSING_ARGS' });
    assert.throws(() => net.connect({ path: '/sock' }), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.throws(() => net.createServer());
  },
};
export const identity = {
  test() {
    const ok = (host, cert) => tls.checkServerIdentity(host, cert) === undefined;
    const cert = { subject: { CN: 'unused.test' }, subjectaltname: 'DNS:*.a.test, DNS:b.test, IP Address:::1' };
    assert.deepEqual(['x.a.test', 'a.test', 'x.y.a.test', 'B.TEST.', '::1', 'unused.test'].map((host) => ok(host, cert)), [true, false, false, true, true, false]);
    assert.ok(ok('cn.test', { subject: { CN: 'cn.test' } }));
    assert.equal(tls.checkServerIdentity('q', cert).code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    const out = {};
    tls.convertALPNProtocols(['h2', 'http/1.1'], out);
    assert.equal(out.ALPNProtocols.toString('latin1'), '\x02h2\x08http/1.1');
  },
};
