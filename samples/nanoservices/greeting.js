export default {
  fetch(request) {
    const { searchParams } = new URL(request.url);
    const count = Number(searchParams.get('count'));
    const times = count === 1 ? 'the first time' : `${count} times`;
    return new Response(`Hello, ${searchParams.get('name')}! You were here ${times}.\n`);
  },
};
