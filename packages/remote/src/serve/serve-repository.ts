import path from 'node:path'
import { folderDriver, LOCAL_PREFIX, Store } from '@dsv/store'
import { repositoryRules } from './repository-rules.ts'
import { type RunningServer, serveStorage, type StorageServerOptions } from './storage-server.ts'
import { tokenChecker } from './token-file.ts'

/** What is served, how, and to whom. */
export interface ServeOptions extends StorageServerOptions {
  /** Absolute path of the folder with the root record: `.dsv` of a working tree, or one without. */
  readonly folder: string
  /** Absolute path of the file with the tokens; `local/tokens.json` in the folder by default. */
  readonly tokenFile?: string
  /** How large a blob, pack or index fragment may be that a client sends; 1 GiB by default. */
  readonly maxBodyBytes?: number
}

/**
 * Serves a repository over HTTP to those who have a token, in the protocol of `docs/remotes.md`. What is
 * written is checked: files against their names, the new root against the old. For TLS put a reverse
 * proxy before it.
 *
 * @throws `DSV_REPOSITORY_NOT_FOUND`, `DSV_ROOT_CORRUPT`, `DSV_REPOSITORY_NEWER`, `DSV_TOKEN_FILE_INVALID`,
 *   `DSV_SERVE_ADDRESS_UNAVAILABLE`
 */
export async function serveRepository(options: ServeOptions): Promise<RunningServer> {
  const { folder, maxBodyBytes = 1024 * 1024 * 1024 } = options
  const driver = folderDriver(folder)
  await (await Store.open(driver)).close()
  const findToken = tokenChecker(options.tokenFile ?? defaultTokenFile(folder))
  const rules = repositoryRules(driver, { maxBodyBytes })
  return serveStorage({ driver, rules, findToken }, options)
}

/** Returns where the tokens for a served folder are kept unless told otherwise: it never leaves the machine. */
export function defaultTokenFile(folder: string): string {
  return path.join(folder, LOCAL_PREFIX, 'tokens.json')
}
