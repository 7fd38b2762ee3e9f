require('node:http')
  .createServer((request, response) => {
    response.setHeader('content-type', 'text/plain;charset=UTF-8');
    response.end('Hello World\n');
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
