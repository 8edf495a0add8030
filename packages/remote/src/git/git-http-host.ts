import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import path from 'node:path'
import { isDsvError, storageDenied, storageFailed } from '@dsv/store'
import { type GitCredentials, gitHttp } from '../dvc/git-http.ts'
import { describeGitError, gitObjects } from '../dvc/git-objects.ts'
import { gitDenied, gitFailed, gitNotFound } from '../errors.ts'
import { addPack } from './add-pack.ts'
import type { GitHost } from './git-host.ts'
import { FLUSH, pktLine, readPktLine } from './pkt-line.ts'

/** Settings of {@link gitHttpHost}. */
export interface GitHttpHostOptions {
  readonly ref: string
  /** A bare Git folder for what is fetched; made when it is not there. */
  readonly gitdir: string
  readonly credentials?: GitCredentials | undefined
}

type Service = 'git-upload-pack' | 'git-receive-pack'

const NO_COMMIT = '0'.repeat(40)
/** A host says nothing while it takes and checks a push. */
const PUSH_STALL = { bytesPerSecond: 0.001, windowMs: 10 * 60_000 }
/** All refs of a large host, or what it says of a push; only packs are larger. */
const MOST_LINES_BYTES = 64 * 2 ** 20

/**
 * Opens a ref of a Git host over Git's smart protocol (version 1): one request tells where the ref is, one
 * fetches a commit without history, and two move the ref.
 *
 * @see https://git-scm.com/docs/http-protocol
 */
export async function gitHttpHost(url: string, options: GitHttpHostOptions): Promise<GitHost> {
  const { ref, gitdir, credentials } = options
  const git = await import('isomorphic-git')
  const objects = gitObjects(fs, [gitdir], url)
  const knownFile = path.join(gitdir, 'dsv-known')
  let requests = 0

  /** Returns where the ref is, and where a moved repository is. */
  async function discover(
    service: Service,
  ): Promise<{ readonly tip: string | undefined; readonly base: string }> {
    const suffix = `/info/refs?service=${service}`
    const reply = await ask({ url: `${url}${suffix}`, service })
    const base = reply.url.endsWith(suffix) ? reply.url.slice(0, -suffix.length) : url
    if (service === 'git-receive-pack' && new URL(base).origin !== new URL(url).origin) {
      throw gitFailed(url, `it redirects a push to ${new URL(base).origin}`)
    }
    const first = readPktLine(reply.body, 0)
    if (first?.line !== `# service=${service}`) throw gitFailed(url, 'it is no Git host')
    let at = first.next
    for (;;) {
      const read = readPktLine(reply.body, at)
      if (read === undefined) return { tip: undefined, base }
      at = read.next
      const [, oid, name] = /^([0-9a-f]{40}) ([^\0]+)/.exec(read.line ?? '') ?? []
      if (name === ref) return { tip: oid, base }
    }
  }

  async function ask(request: {
    readonly url: string
    readonly service: Service
    readonly body?: Buffer
  }): Promise<{ readonly url: string; readonly body: Buffer }> {
    const { service, body } = request
    requests += 1
    const stall = service === 'git-receive-pack' && body !== undefined ? PUSH_STALL : {}
    const isPack = service === 'git-upload-pack' && body !== undefined
    const bound = isPack ? {} : { maxBytes: MOST_LINES_BYTES }
    const { request: send } = gitHttp(url, { credentials, stall, ...bound })
    const type = `application/x-${service}`
    let reply
    try {
      reply = await send({
        url: request.url,
        ...(body === undefined
          ? {}
          : {
              method: 'POST',
              body: oneChunk(body),
              headers: { 'content-type': `${type}-request`, accept: `${type}-result` },
            }),
      })
    } catch (error) {
      throw isDsvError(error) ? error : storageFailed(url, error)
    }
    const { statusCode } = reply
    if (statusCode === 401 || statusCode === 403) throw gitDenied(url, statusCode)
    if (statusCode === 404) throw gitNotFound(url)
    if (statusCode !== 200) throw gitFailed(url, `it answers HTTP ${statusCode}`)
    const chunks: Uint8Array[] = []
    for await (const chunk of reply.body ?? []) chunks.push(chunk)
    return { url: reply.url, body: Buffer.concat(chunks) }
  }

  async function isHere(commitId: string): Promise<boolean> {
    try {
      await git.readCommit({ fs, gitdir, oid: commitId })
      return true
    } catch {
      return false
    }
  }

  /** The commit fetched last, whose objects need not be sent again. */
  async function known(): Promise<
    { readonly oid: string; readonly isShallow: boolean } | undefined
  > {
    try {
      const oid = fs.readFileSync(knownFile, 'utf8').trim()
      const { commit } = await git.readCommit({ fs, gitdir, oid })
      return { oid, isShallow: commit.parent.length > 0 }
    } catch {
      return undefined
    }
  }

  /** Who closes a storage may remove its folder, and use it again. */
  async function begin(): Promise<void> {
    if (fs.existsSync(path.join(gitdir, 'HEAD'))) return
    fs.mkdirSync(gitdir, { recursive: true, mode: 0o700 })
    await git.init({ fs, gitdir, bare: true })
  }

  async function note(commitId: string): Promise<void> {
    const temporary = `${knownFile}-${process.pid}`
    fs.writeFileSync(temporary, commitId)
    fs.renameSync(temporary, knownFile)
  }

  async function fetchCommit(commitId: string): Promise<boolean> {
    await begin()
    if (await isHere(commitId)) return true
    const have = await known()
    const lines = [
      pktLine(`want ${commitId} ofs-delta agent=dsv\n`),
      ...(have?.isShallow === true ? [pktLine(`shallow ${have.oid}\n`)] : []),
      pktLine('deepen 1\n'),
      FLUSH,
      ...(have === undefined ? [] : [pktLine(`have ${have.oid}\n`)]),
      pktLine('done\n'),
    ]
    const { body } = await ask({
      url: `${url}/git-upload-pack`,
      service: 'git-upload-pack',
      body: Buffer.concat(lines),
    })
    let at = 0
    for (;;) {
      const read = readPktLine(body, at)
      if (read === undefined) throw gitFailed(url, 'its answer makes no sense')
      at = read.next
      if (read.line?.startsWith('ERR ') === true) {
        if (read.line.includes('not our ref')) return false
        throw gitFailed(url, read.line.slice(4, 304))
      }
      if (read.line === 'NAK' || read.line?.startsWith('ACK ') === true) break
    }
    if (body.toString('latin1', at, at + 4) !== 'PACK') throw gitFailed(url, 'it sends no pack')
    try {
      await addPack(gitdir, body.subarray(at))
    } catch (error) {
      throw gitFailed(url, describeGitError(error), error)
    }
    if (!(await isHere(commitId))) throw gitFailed(url, 'it did not send what was asked for')
    await note(commitId)
    return true
  }

  return {
    objects,
    get requests() {
      return requests
    },
    tip: async () => (await discover('git-upload-pack')).tip,
    fetch: fetchCommit,
    async beginPush() {
      const { tip, base } = await discover('git-receive-pack')
      return {
        tip,
        async send({ commitId, pack }) {
          const command = `${tip ?? NO_COMMIT} ${commitId} ${ref}\0report-status agent=dsv`
          let problem: string | undefined = 'the connection broke'
          let failure: unknown
          try {
            const { body } = await ask({
              url: `${base}/git-receive-pack`,
              service: 'git-receive-pack',
              body: Buffer.concat([pktLine(command), FLUSH, pack]),
            })
            problem = refusal(body, ref)
          } catch (error) {
            failure = error
          }
          if (problem !== undefined) {
            // The ref itself tells whether an answer was lost, or somebody was first.
            const now = (await discover('git-upload-pack')).tip
            if (now !== commitId) {
              if (now !== tip) return false
              throw failure ?? storageDenied(url, new Error(problem), `The host says: ${problem}.`)
            }
          }
          await begin()
          await addPack(gitdir, pack)
          await note(commitId)
          return true
        },
      }
    },
  }
}

/** Returns why a push was refused, or undefined when it was done. */
function refusal(body: Buffer, ref: string): string | undefined {
  let at = 0
  for (;;) {
    const read = readPktLine(body, at)
    if (read === undefined) return 'it does not say whether the push was done'
    at = read.next
    if (read.line === `ok ${ref}`) return undefined
    const [, problem] = /^(?:unpack (?!ok$)|ng \S+ )(.*)$/.exec(read.line ?? '') ?? []
    if (problem !== undefined) return problem.slice(0, 300)
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
