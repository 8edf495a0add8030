import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'
import { encodePng } from '../../src/media/png.ts'
import { vocColor } from '../../src/voc/color-map.ts'

/** An image of the development kit as its XML files look: tags in order, indented by tabs. */
export const DEVKIT_XML = `<annotation>
	<folder>VOC2012</folder>
	<filename>2007_000027.jpg</filename>
	<source>
		<database>The VOC2007 Database</database>
		<annotation>PASCAL VOC2007</annotation>
		<image>flickr</image>
	</source>
	<size>
		<width>8</width>
		<height>6</height>
		<depth>3</depth>
	</size>
	<segmented>1</segmented>
	<object>
		<name>person</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>1</difficult>
		<bndbox>
			<xmin>1</xmin>
			<ymin>2</ymin>
			<xmax>4</xmax>
			<ymax>6</ymax>
		</bndbox>
		<part>
			<name>head</name>
			<bndbox>
				<xmin>2</xmin>
				<ymin>2</ymin>
				<xmax>3.5</xmax>
				<ymax>3</ymax>
			</bndbox>
		</part>
		<actions>
			<jumping>0</jumping>
			<reading>1</reading>
		</actions>
		<point>
			<x>3</x>
			<y>4</y>
		</point>
	</object>
	<object>
		<name>cat</name>
		<pose>Left</pose>
		<truncated>1</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>5</xmin>
			<ymin>1</ymin>
			<xmax>8</xmax>
			<ymax>4</ymax>
		</bndbox>
	</object>
</annotation>
`

/** A small object that has all that has to be there. */
export function objectXml(name: string, sides = '1 2 3 4', more = ''): string {
  const [xmin, ymin, xmax, ymax] = sides.split(' ')
  const box = `<xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax>`
  return `<object><name>${name}</name>${more}<bndbox>${box}</bndbox></object>`
}

/** A small XML file. */
export function annotationXml(inner: string): string {
  return `<annotation>\n${inner}\n</annotation>\n`
}

/** A folder with XML files by id, each with an image of 8 × 6 pixels. */
export function vocFolder(
  xml: Readonly<Record<string, string | Uint8Array>>,
  others: Readonly<Record<string, string | Uint8Array>> = {},
): MemoryFolder {
  return memoryFolder(
    Object.entries(xml)
      .flatMap(([id, text]): (readonly [string, string | Uint8Array])[] => [
        [`Annotations/${id}.xml`, text],
        [`JPEGImages/${id}.jpg`, imageFile],
      ])
      .concat(Object.entries(others)),
  )
}

/** The head of an image of 8 × 6 pixels. */
export const imageFile: Uint8Array = placeholder({ width: 8, height: 6 })

/** A mask of 8 × 6 pixels with the colours of the challenge; one digit or letter for each pixel. */
export function maskPng(rows: readonly string[]): Uint8Array {
  const values = rows.join('').replaceAll('#', '~')
  const data = Uint8Array.from(values, (each) => (each === '~' ? 255 : Number(each)))
  const palette = Uint8Array.from(
    { length: 768 },
    (_, at) => vocColor(Math.floor(at / 3))[at % 3] ?? 0,
  )
  const [width = 0, height] = [rows[0]?.length, rows.length]
  return encodePng({ width, height, bitDepth: 8, colorType: 3, palette, data })
}
