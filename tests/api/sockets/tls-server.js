const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Says what it was given, upgrades if it can and is asked to, and then echoes one message. */
export default {
  async connect(socket) {
    const { localAddress } = await socket.opened;
    let reader = socket.readable.getReader();
    const wanted = decoder.decode((await reader.read()).value);
    reader.releaseLock();
    let writer = socket.writable.getWriter();
    await writer.write(encoder.encode(`${localAddress} ${socket.secureTransport}`));
    writer.releaseLock();
    if (wanted === 'upgrade') socket = socket.startTls();
    reader = socket.readable.getReader();
    const message = decoder.decode((await reader.read()).value);
    writer = socket.writable.getWriter();
    await writer.write(encoder.encode(`${message} over ${socket.secureTransport}`));
    await writer.close();
  },
};
