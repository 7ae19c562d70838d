// Writes down the tables, columns and enums of the schema as JSON. The client no longer carries them, and the back
// office reads names and types of its lists from there.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import generatorHelper from '@prisma/generator-helper'

generatorHelper.generatorHandler({
  onManifest: () => ({ prettyName: 'Shape', requiresEngines: [], defaultOutput: '../node_modules/.prisma/shape.json' }),
  async onGenerate({ dmmf, generator }) {
    const file = generator.output.value
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(dmmf.datamodel))
  },
})
