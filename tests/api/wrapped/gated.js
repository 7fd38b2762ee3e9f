// Of an old date: its own services have no methods.
export default {
  async fetch(request, { SERVICE, CLIENT }) {
    return new Response(`${typeof SERVICE.double} ${await CLIENT.double(4)}`);
  },
};
