export const VOC_NAMES =
  'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor'.split(
    ' ',
  )

const POSES = ['Left', 'Right', 'Frontal', 'Rear', 'Unspecified']

/** Returns the lines of one VOC object: about 250 bytes. */
function vocObject(random, width, height, shift) {
  const xmin = random.whole(1, width - 60)
  const ymin = random.whole(1, height - 60)
  const xmax = random.whole(xmin + 10, Math.min(width, xmin + 300)) + shift
  const ymax = random.whole(ymin + 10, Math.min(height, ymin + 300))
  return `\t<object>
\t\t<name>${random.pick(VOC_NAMES)}</name>
\t\t<pose>${random.pick(POSES)}</pose>
\t\t<truncated>${random.whole(0, 2)}</truncated>
\t\t<difficult>${random.whole(0, 2)}</difficult>
\t\t<bndbox>
\t\t\t<xmin>${xmin}</xmin>
\t\t\t<ymin>${ymin}</ymin>
\t\t\t<xmax>${Math.min(width, xmax)}</xmax>
\t\t\t<ymax>${ymax}</ymax>
\t\t</bndbox>
\t</object>
`
}

/**
 * Returns one annotation file of Pascal VOC, about 1.5 KB with five objects. `edit` counts how often
 * it was relabelled: each time the right edge of the first box moves by a pixel.
 */
export function vocXml(random, { name, width, height, objects = 5, edit = 0 }) {
  let text = `<annotation>
\t<folder>VOC2012</folder>
\t<filename>${name}.jpg</filename>
\t<source>
\t\t<database>The VOC2008 Database</database>
\t\t<annotation>PASCAL VOC2008</annotation>
\t\t<image>flickr</image>
\t</source>
\t<size>
\t\t<width>${width}</width>
\t\t<height>${height}</height>
\t\t<depth>3</depth>
\t</size>
\t<segmented>0</segmented>
`
  for (let n = 0; n < objects; n++) text += vocObject(random, width, height, n === 0 ? edit : 0)
  return `${text}</annotation>\n`
}
