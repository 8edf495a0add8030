import { encodeCanonical, type ObjectId, type StoredObject } from '@dsv/store'
import { readRecord } from './record-reader.ts'
import { readSignature, type Signature, signatureFields } from './signature.ts'

const VERSION = 1

/** An annotated tag: a commit with a name, a message and who named it. */
export interface Tag {
  readonly target: ObjectId
  readonly name: string
  readonly tagger: Signature
  readonly message: string
}

/**
 * Returns the object of a tag: link 0 is the commit, the payload is canonical
 * `[1, name, tagger, message]`.
 */
export function encodeTag(tag: Tag): StoredObject {
  const fields = [VERSION, tag.name, signatureFields(tag.tagger), tag.message]
  return { links: [tag.target], payload: encodeCanonical(fields) }
}

/** Reads a tag. @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED` */
export function decodeTag(object: StoredObject): Tag {
  const reader = readRecord('A tag', object.payload, object.links, VERSION)
  const [name, tagger, message] = reader.body
  return {
    target: reader.object(0, 'The tag'),
    name: reader.text(name, 'The name'),
    tagger: readSignature(reader, tagger, 'The tagger'),
    message: reader.text(message, 'The message'),
  }
}
