import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FolderDriver, StoragePath } from '@dsv/store'
import type { StallOptions } from '../driver/shared/stall.ts'
import type { Rights } from './rights.ts'
import type { StorageRules } from './storage-rules.ts'
import type { ServeToken } from './token-file.ts'

/** What a server gives and takes. */
export interface ServedStorage {
  readonly driver: FolderDriver
  readonly rules: StorageRules
  /** Finds the token with a secret. */
  readonly findToken: (secret: string) => ServeToken | undefined
}

/** One request on its way. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  token: string | undefined
  sentBytes: number
  problem: unknown
}

/** An answer without a file. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What handling files needs. */
export interface FileContext extends ServedStorage {
  readonly stall: StallOptions
}

/** Which file, and what the client may do. */
export interface FileTarget {
  readonly path: StoragePath
  readonly rights: Rights
}

/** Every answer names the protocol, so that a client knows whom it talks to. */
export const PROTOCOL: Readonly<Record<string, string>> = {
  'dsv-protocol': '1',
  'cache-control': 'private, no-cache',
}

/** Returns an answer that says what was wrong. */
export function problem(status: number, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }
}

/** Files that are written once are as good as their names. */
export function etagOf(path: StoragePath): string {
  return `"${path.replaceAll(/[^0-9A-Za-z/._-]/g, '.')}"`
}

/** Returns whether a header with conditions names a tag, or any. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}
