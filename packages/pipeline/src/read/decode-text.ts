import { fileUnreadable } from '../errors.ts'

const MAX_BYTES = 16 * 2 ** 20

/** Returns the text of a file without its byte order mark. @throws `DSV_PIPELINE_FILE_UNREADABLE` */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES)
    throw fileUnreadable(file, `is larger than ${MAX_BYTES / 2 ** 20} MB`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fileUnreadable(file, 'is no text in UTF-8')
  }
}
