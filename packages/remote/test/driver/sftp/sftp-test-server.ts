/* eslint-disable no-underscore-dangle -- the faults need what ssh2 keeps to itself */
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

import ssh2, { type Connection, type ParsedKey, type SFTPWrapper } from 'ssh2'

/** What a {@link SftpTestServer} does unlike a good one. May be changed while it runs. */
export interface SftpFaults {
  /** Cuts the connection at this request, counted from 1 over all connections. */
  cutAt?: number
  /** Whether the request that is cut is carried out; only its answer is lost then. */
  cutAfter?: boolean
  /** Waits so long before each answer, in milliseconds. */
  delayMs?: number
  /** Answers nothing any more. */
  silent?: boolean
  /** Names of extensions that it does not offer. */
  without?: readonly string[]
  /** What statvfs says is free; writes fail when it is 0. */
  freeBytes?: number
  /** Reads answer at most so many bytes. */
  shortReads?: number
  /** Called before a rename is carried out. */
  beforeRename?: (from: string, to: string) => void
  /** Names that each listing has besides. */
  extraNames?: readonly string[]
  /** What fstat adds to the size. */
  lieBytes?: number
}

/** An SFTP server over a temporary folder. */
export interface SftpTestServer {
  readonly folder: string
  readonly port: number
  readonly hostKey: ParsedKey
  /** A home folder whose `.ssh` has a key and `known_hosts`. */
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly faults: SftpFaults
  /** Requests since the beginning. */
  requests(): number
  /** Connections since the beginning. */
  connections(): number
  cutAll(): void
  stop(): Promise<void>
}

const USER = 'tester'
const PASSWORD = 'correct horse'
const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp

/** Starts a server on loopback. */
export async function startSftpServer(faults: SftpFaults = {}): Promise<SftpTestServer> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-sftp-'))
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-sftp-home-'))
  const host = ssh2.utils.generateKeyPairSync('ed25519', {})
  const login = ssh2.utils.generateKeyPairSync('ed25519', {})
  const hostKey = parsedKey(host.private)
  const loginKey = parsedKey(login.public)
  const open = new Set<Connection>()
  let requests = 0
  let connections = 0

  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    connections += 1
    open.add(connection)
    // Else each answer waits 40 ms for more to send along.
    socketOf(connection).setNoDelay(true)
    connection.on('close', () => open.delete(connection))
    connection.on('error', () => connection.end())
    connection.on('authentication', (context) => {
      if (context.username !== USER) return context.reject()
      if (context.method === 'password' && context.password === PASSWORD) return context.accept()
      if (context.method !== 'publickey') return context.reject(['publickey', 'password'])
      if (!context.key.data.equals(loginKey.getPublicSSH())) return context.reject()
      const isRight =
        context.signature === undefined ||
        loginKey.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo)
      return isRight ? context.accept() : context.reject()
    })
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (destIP !== '127.0.0.1') return reject()
      const channel = accept()
      const socket = net.connect(destPort, destIP)
      socket.on('error', () => channel.end())
      channel.on('error', () => socket.destroy())
      channel.on('close', () => socket.destroy())
      channel.pipe(socket).pipe(channel)
    })
    connection.on('session', (acceptSession) => {
      acceptSession().on('sftp', (acceptSftp) => {
        const sftp = acceptSftp()
        offerExtensions(sftp, faults)
        serve(sftp, faults, {
          begin: () => (requests += 1),
          drop: () => socketOf(connection).destroy(),
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  fs.mkdirSync(path.join(home, '.ssh'))
  fs.writeFileSync(path.join(home, '.ssh', 'id_ed25519'), login.private, { mode: 0o600 })
  const key = hostKey.getPublicSSH().toString('base64')
  fs.writeFileSync(
    path.join(home, '.ssh', 'known_hosts'),
    `[127.0.0.1]:${port} ssh-ed25519 ${key}\n`,
  )
  return {
    folder,
    port,
    hostKey,
    home,
    env: { HOME: home, USER },
    faults,
    requests: () => requests,
    connections: () => connections,
    cutAll: () => open.forEach((connection) => socketOf(connection).destroy()),
    async stop() {
      for (const connection of open) socketOf(connection).destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      fs.rmSync(folder, { recursive: true, force: true })
      fs.rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The password that the server takes. */
export const TEST_PASSWORD = PASSWORD

function parsedKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return Array.isArray(key) ? (key[0] as ParsedKey) : key
}

function socketOf(connection: Connection): net.Socket {
  return (connection as unknown as { _sock: net.Socket })._sock
}

interface Steps {
  readonly begin: () => number
  readonly drop: () => void
}

interface RawSftp {
  readonly _protocol: { channelData(id: number, data: Buffer): void }
  readonly outgoing: { readonly id: number }
}

const EXTENSIONS = {
  'posix-rename@openssh.com': '1',
  'fsync@openssh.com': '1',
  'statvfs@openssh.com': '2',
}

/** ssh2's server offers none, so its first packet, VERSION, is replaced. */
function offerExtensions(sftp: SFTPWrapper, faults: SftpFaults): void {
  const raw = sftp as unknown as RawSftp
  const send = raw._protocol.channelData.bind(raw._protocol)
  const offered = Object.entries(EXTENSIONS).filter(([name]) => !faults.without?.includes(name))
  const body = [Buffer.from([2, 0, 0, 0, 3]), ...offered.flat().map(sshString)]
  raw._protocol.channelData = (id, data) => {
    const isVersion = data.length === 9 && data[4] === 2
    send(id, isVersion ? sshString(Buffer.concat(body)) : data)
  }
}

function sshString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function readStrings(data: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at + 4 <= data.length; at += 4 + data.readUInt32BE(at)) {
    found.push(data.toString('utf8', at + 4, at + 4 + data.readUInt32BE(at)))
  }
  return found
}

interface Handle {
  readonly descriptor: number
  names: { filename: string; longname: string; attrs: never }[] | undefined
}

function serve(sftp: SFTPWrapper, faults: SftpFaults, steps: Steps): void {
  const handles = new Map<string, Handle>()
  let nextHandle = 0

  /** Carries a request out and answers, unless a fault comes in between. */
  function on(event: string, run: (id: number, ...rest: never[]) => () => void): void {
    const listener = (id: number, ...rest: never[]): void => {
      const isCut = steps.begin() === faults.cutAt
      if (isCut && faults.cutAfter !== true) return steps.drop()
      const answer = answerOf(() => run(id, ...rest), id)
      if (isCut) return steps.drop()
      if (faults.silent === true) return
      if (faults.delayMs === undefined) answer()
      else setTimeout(answer, faults.delayMs)
    }
    ;(sftp as unknown as NodeJS.EventEmitter).on(event, listener as (...all: unknown[]) => void)
  }
  function answerOf(run: () => () => void, id: number): () => void {
    try {
      return run()
    } catch (error) {
      const status = statusOf(error)
      return () => sftp.status(id, status)
    }
  }
  function opened(descriptor: number, names?: Handle['names']): (id: number) => () => void {
    const handle = Buffer.from(String((nextHandle += 1)))
    handles.set(handle.toString(), { descriptor, names })
    return (id) => () => sftp.handle(id, handle)
  }
  function handleOf(handle: Buffer): Handle {
    const found = handles.get(handle.toString())
    if (found === undefined) throw new Error('no such handle')
    return found
  }
  const ok = (id: number) => () => sftp.status(id, STATUS_CODE.OK)
  const end = (id: number) => () => sftp.status(id, STATUS_CODE.EOF)

  on('OPEN', (id, file: string, flags: number) =>
    opened(fs.openSync(file, openFlags(flags), 0o644))(id),
  )
  on('CLOSE', (id, handle: Buffer) => {
    const { descriptor } = handleOf(handle)
    handles.delete(handle.toString())
    if (descriptor >= 0) fs.closeSync(descriptor)
    return ok(id)
  })
  on('READ', (id, handle: Buffer, offset: number, length: number) => {
    const bytes = Buffer.alloc(Math.min(length, faults.shortReads ?? length))
    const count = fs.readSync(handleOf(handle).descriptor, bytes, 0, bytes.length, offset)
    return count === 0 ? end(id) : () => sftp.data(id, bytes.subarray(0, count))
  })
  on('WRITE', (id, handle: Buffer, offset: number, data: Buffer) => {
    if (faults.freeBytes === 0) throw new Error('full')
    fs.writeSync(handleOf(handle).descriptor, data, 0, data.length, offset)
    return ok(id)
  })
  on('FSTAT', (id, handle: Buffer) => {
    const found = fs.fstatSync(handleOf(handle).descriptor)
    found.size += faults.lieBytes ?? 0
    return () => sftp.attrs(id, attrsOf(found))
  })
  on('STAT', (id, file: string) => {
    const found = attrsOf(fs.statSync(file))
    return () => sftp.attrs(id, found)
  })
  on('LSTAT', (id, file: string) => {
    const found = attrsOf(fs.lstatSync(file))
    return () => sftp.attrs(id, found)
  })
  on('OPENDIR', (id, folder: string) => {
    const names = fs.readdirSync(folder).map((filename) => ({
      filename,
      longname: filename,
      attrs: attrsOf(fs.lstatSync(path.join(folder, filename))),
    }))
    const extra = (faults.extraNames ?? []).map((filename) => ({
      filename,
      longname: filename,
      attrs: { mode: 0o100644, size: 1, mtime: 1, atime: 1, uid: 0, gid: 0 } as never,
    }))
    return opened(-1, [...names, ...extra])(id)
  })
  on('READDIR', (id, handle: Buffer) => {
    const found = handleOf(handle)
    const some = found.names?.splice(0, 100) ?? []
    return some.length === 0 ? end(id) : () => sftp.name(id, some)
  })
  on('MKDIR', (id, folder: string) => {
    fs.mkdirSync(folder)
    return ok(id)
  })
  on('RMDIR', (id, folder: string) => {
    fs.rmdirSync(folder)
    return ok(id)
  })
  on('REMOVE', (id, file: string) => {
    fs.unlinkSync(file)
    return ok(id)
  })
  on('RENAME', (id, from: string, to: string) => {
    if (fs.existsSync(to)) throw new Error('exists')
    fs.renameSync(from, to)
    return ok(id)
  })
  on('EXTENDED', (id, name: string, data: Buffer) => {
    const [first = '', second = ''] = readStrings(data)
    if (faults.without?.includes(name) === true)
      return () => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED)
    if (name === 'posix-rename@openssh.com') {
      faults.beforeRename?.(first, second)
      fs.renameSync(first, second)
    } else if (name === 'fsync@openssh.com') fs.fsyncSync(handleOf(Buffer.from(first)).descriptor)
    else if (name === 'statvfs@openssh.com') return () => sendFreeBytes(sftp, id, faults)
    else return () => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED)
    return ok(id)
  })
}

function openFlags(flags: number): number {
  const { READ, WRITE, CREAT, TRUNC, EXCL } = OPEN_MODE
  const access = (flags & WRITE) === 0 ? fs.constants.O_RDONLY : fs.constants.O_RDWR
  return (
    ((flags & READ) === 0 && (flags & WRITE) !== 0 ? fs.constants.O_WRONLY : access) |
    ((flags & CREAT) === 0 ? 0 : fs.constants.O_CREAT) |
    ((flags & TRUNC) === 0 ? 0 : fs.constants.O_TRUNC) |
    ((flags & EXCL) === 0 ? 0 : fs.constants.O_EXCL)
  )
}

function attrsOf(found: fs.Stats): never {
  const { mode, uid, gid, size } = found
  return { mode, uid, gid, size, atime: found.atimeMs / 1000, mtime: found.mtimeMs / 1000 } as never
}

/** As OpenSSH's server maps what the system says. */
function statusOf(error: unknown): number {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return STATUS_CODE.NO_SUCH_FILE
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED
  return STATUS_CODE.FAILURE
}

/** `statvfs@openssh.com`: eleven numbers of 64 bits; the second is the unit of the fifth, what is free. */
function sendFreeBytes(sftp: SFTPWrapper, id: number, faults: SftpFaults): void {
  const body = Buffer.alloc(5 + 11 * 8)
  body[0] = 201
  body.writeUInt32BE(id, 1)
  body.writeBigUInt64BE(1n, 5)
  body.writeBigUInt64BE(1n, 5 + 8)
  body.writeBigUInt64BE(BigInt(faults.freeBytes ?? 1e12), 5 + 4 * 8)
  const raw = sftp as unknown as RawSftp
  raw._protocol.channelData(raw.outgoing.id, sshString(body))
}
