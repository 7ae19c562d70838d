import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A mail as it arrived. */
export interface Delivery {
  from: string
  recipients: string[]
  source: string
}

export interface SmtpServer {
  url: string
  deliveries: Delivery[]
  /** While set, every message is refused with this reply after its data. */
  refusal: string | null
  close(): Promise<void>
}

/** An SMTP server (RFC 5321) that keeps what it is given. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    converse(socket, server)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const server: SmtpServer = {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    deliveries: [],
    refusal: null,
    async close() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
  return server
}

function converse(socket: Socket, server: SmtpServer): void {
  let received = ''
  let delivery: Delivery = { from: '', recipients: [], source: '' }
  let inData = false
  const say = (line: string) => socket.write(`${line}\r\n`)
  const hear = (line: string) => {
    const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
    if (/^(EHLO|HELO)/i.test(line)) say('250 localhost')
    else if (/^MAIL FROM/i.test(line)) {
      delivery = { from: address, recipients: [], source: '' }
      say('250 OK')
    } else if (/^RCPT TO/i.test(line)) {
      delivery.recipients.push(address)
      say('250 OK')
    } else if (/^DATA/i.test(line)) {
      inData = true
      say('354 Go on')
    } else if (/^QUIT/i.test(line)) socket.end('221 Bye\r\n')
    else say('250 OK')
  }
  const take = (separator: string): string | null => {
    const end = received.indexOf(separator)
    if (end < 0) return null
    const taken = received.slice(0, end)
    received = received.slice(end + separator.length)
    return taken
  }
  say('220 localhost ready')
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    received += chunk
    for (;;) {
      const taken = take(inData ? '\r\n.\r\n' : '\r\n')
      if (taken === null) return
      if (!inData) {
        hear(taken)
        continue
      }
      inData = false
      if (server.refusal === null) {
        // Dot-stuffing undone (RFC 5321, 4.5.2).
        server.deliveries.push({ ...delivery, source: `${taken.replace(/^\./gm, '')}\r\n` })
        say('250 Kept')
      } else say(server.refusal)
    }
  })
}
