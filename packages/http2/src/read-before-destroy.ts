/**
 * Node destroys a socket as soon as a write fails, and drops what the peer had sent before: for HTTP/2 the GOAWAY frame
 * that says why it closed the connection, and which requests may be repeated.
 */
import { type Socket } from 'node:net';

/** Puts the end of the socket off after a failed write, until what has arrived is read. */
export function readBeforeDestroy(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  let hasFailed = false;
  socket.destroy = (reason?: Error) => {
    if (!isFailedWrite(reason)) {
      return destroy(reason);
    }
    if (!hasFailed) {
      hasFailed = true;
      // Sockets are read between two rounds of immediates. A socket that ends by what is read is destroyed there.
      setImmediate(() => setImmediate(() => destroy(reason)));
    }
    return socket;
  };
}

function isFailedWrite(reason: Error | undefined): boolean {
  return reason !== undefined && 'syscall' in reason && reason.syscall === 'write';
}
