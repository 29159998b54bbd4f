/** Preloaded into a process that has no business with the network: it fails when it tries. */
import dns from "node:dns";
import net from "node:net";

function refuse(): never {
  process.stderr.write(`a connection was tried: ${new Error().stack}\n`);
  process.exit(99);
}
net.Socket.prototype.connect = refuse;
Object.assign(dns, { lookup: refuse, resolve: refuse });
