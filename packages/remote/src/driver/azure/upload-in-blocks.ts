import { hashBlob } from '@dsv/store'
import type { AzureConnection } from './azure-connection.ts'
import { slicedBody } from './sliced-body.ts'
import { azureAnswerOf, isConditionFailed, isMissingBlob } from './azure-errors.ts'

/** A file to be uploaded. */
export interface BlocksUpload {
  readonly name: string
  readonly bytes: Uint8Array
  readonly blockBytes: number
}

/** A blob has at most so many. */
const MOST_BLOCKS = 50_000
const ATTEMPTS = 3

/**
 * Uploads a file in blocks, several at once, and returns whether it is there now: false when there is one
 * of this name already.
 *
 * The id of a block is made of its number and its content. An upload that was killed is continued, since
 * Azure keeps blocks for a week that no blob has; two uploads of the same bytes share theirs.
 */
export async function uploadInBlocks(
  connection: AzureConnection,
  upload: BlocksUpload,
): Promise<boolean> {
  const blocks = cutIntoBlocks(upload)
  for (let attempt = 1; ; attempt += 1) {
    const known = await findBlocks(connection, upload.name)
    await sendBlocks(
      connection,
      upload.name,
      blocks.filter((block) => known.get(block.id) !== block.bytes.length),
    )
    try {
      await connection.request((abortSignal) =>
        connection.container.getBlockBlobClient(upload.name).commitBlockList(
          blocks.map((block) => block.id),
          { abortSignal, conditions: { ifNoneMatch: '*' } },
        ),
      )
      return true
    } catch (error) {
      if (isConditionFailed(error)) return false
      // Another upload of the same bytes was faster, and took the blocks that we share.
      const areGone = /^InvalidBlock(List|Id)$|^InvalidBlobOrBlock$/.test(azureAnswerOf(error).code)
      if (!areGone || attempt === ATTEMPTS) throw error
    }
  }
}

interface Block {
  readonly id: string
  readonly bytes: Uint8Array
}

/** Ids of one blob must have the same length. */
function cutIntoBlocks({ bytes, blockBytes }: BlocksUpload): Block[] {
  const size = Math.max(blockBytes, Math.ceil(bytes.length / MOST_BLOCKS))
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => {
    const block = bytes.subarray(index * size, (index + 1) * size)
    const label = `${String(index).padStart(6, '0')}-${hashBlob(block).slice(0, 32)}`
    return { id: Buffer.from(label).toString('base64'), bytes: block }
  })
}

/** Returns the sizes of the blocks that wait for a blob, by id. */
async function findBlocks(
  { container, request }: AzureConnection,
  name: string,
): Promise<ReadonlyMap<string, number>> {
  try {
    const { uncommittedBlocks = [] } = await request((abortSignal) =>
      container.getBlockBlobClient(name).getBlockList('uncommitted', { abortSignal }),
    )
    return new Map(uncommittedBlocks.map((block) => [block.name, block.size]))
  } catch (error) {
    // Nothing was ever sent, or a token allows writing only.
    if (isMissingBlob(error) || azureAnswerOf(error).status === 403) return new Map()
    throw error
  }
}

async function sendBlocks(
  { container, request }: AzureConnection,
  name: string,
  blocks: readonly Block[],
): Promise<void> {
  const client = container.getBlockBlobClient(name)
  const controller = new AbortController()
  try {
    await Promise.all(
      blocks.map(({ id, bytes }) =>
        request(
          (abortSignal) => client.stageBlock(id, slicedBody(bytes), bytes.length, { abortSignal }),
          { signal: controller.signal },
        ),
      ),
    )
  } catch (error) {
    controller.abort(error)
    throw error
  }
}
