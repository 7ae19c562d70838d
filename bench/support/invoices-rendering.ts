import type { DocumentSnapshot } from '../../src/invoicing/document-snapshot.ts'
import { renderDocument } from '../../src/invoicing/pdf/render-document.ts'
import { ciiXml } from '../../src/invoicing/xml/cii.ts'
import { ublXml } from '../../src/invoicing/xml/ubl.ts'
import { DOCUMENTS } from '../../test/invoicing/document-fixtures.ts'
import { median, rounded } from './bench.ts'
import { type Ground, type InvoicesLoad, invoicesRow, withCpuTime } from './invoices-load.ts'
import { noteAim } from './money-in-ground.ts'
import { inParallel } from './money-in-load.ts'

export interface RenderingSize {
  /** One-page documents that are rendered after as many as `warmUp` were. */
  documents: number
  warmUp: number
}

const PDF = 'PDF with XML'
const PDF_MEDIAN_MS_MAX = 120

/** One page each: what is sold most, in every language and tax case that ships. */
const ONE_PAGE = [
  DOCUMENTS.domestic,
  DOCUMENTS.domesticByTransfer,
  DOCUMENTS.reverseCharge,
  DOCUMENTS.oneStopShop,
  DOCUMENTS.export,
  DOCUMENTS.smallBusiness,
  DOCUMENTS.severalRates,
  DOCUMENTS.creditNote,
]

/** Documents one after the other in this process. The first of all is the first that the process renders: run this before anything else. */
export async function measureRendering(ground: Ground, size: RenderingSize): Promise<void> {
  const { progress, result } = ground
  progress('invoices: rendering')
  const [first, ...warmUp] = documents(size.warmUp)
  const add = (what: string, target: string, load: InvoicesLoad) => result.rows.push(invoicesRow(what, target, 1, load))
  add('first document of a process', PDF, await renderEach([first as DocumentSnapshot], pdf))
  await renderEach(warmUp, pdf)
  const warm = await renderEach(documents(size.documents), pdf)
  add('one page', PDF, warm)
  add('500 lines', PDF, await renderEach([DOCUMENTS.manyLines], pdf))
  for (const [name, xml] of XML_FORMATS) {
    await renderEach(documents(size.warmUp), xml)
    add('one page', name, await renderEach(documents(size.documents), xml))
    add('500 lines', name, await renderEach([DOCUMENTS.manyLines], xml))
  }
  const reachedMs = rounded(median([...warm.latenciesMs])) as number
  const aim = `under ${PDF_MEDIAN_MS_MAX} ms`
  noteAim(result, `one page as ${PDF}: a median of ${reachedMs} ms`, aim, reachedMs < PDF_MEDIAN_MS_MAX)
}

type Render = (snapshot: DocumentSnapshot) => Promise<{ length: number }> | { length: number }

const pdf: Render = (snapshot) => renderDocument({ snapshot, xml: ciiXml(snapshot), logo: null })
const XML_FORMATS: readonly (readonly [name: string, render: Render])[] = [
  ['XML (CII)', ciiXml],
  ['XML (UBL)', ublXml],
]

/** No two have the same number or buyer, as it is with real ones. */
function documents(count: number): DocumentSnapshot[] {
  return Array.from({ length: count }, (_, index) => {
    const example = ONE_PAGE[index % ONE_PAGE.length] as DocumentSnapshot
    const number = `${example.kind === 'INVOICE' ? 'FB' : 'FB-CN'}-2026-${String(index + 1).padStart(6, '0')}`
    return { ...example, number, buyer: { ...example.buyer, name: `${example.buyer.name} ${index + 1}` } }
  })
}

function renderEach(snapshots: readonly DocumentSnapshot[], render: Render): Promise<InvoicesLoad> {
  return withCpuTime(null, () =>
    inParallel(snapshots, 1, async (snapshot) => {
      const { length } = await render(snapshot)
      if (length === 0) throw new Error(`document ${snapshot.number} is empty`)
    }),
  )
}
