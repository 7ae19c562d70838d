import { Router } from 'express'
import { requirePerson, signedInPerson } from '../http/person-session.ts'
import { worksInBackOffice } from './shell.ts'

/** Leads whoever has just come to where they work. */
export function homePageRouter(): Router {
  const router = Router()

  router.get('/welcome', requirePerson, (request, response) => {
    response.redirect(303, worksInBackOffice(signedInPerson(request)) ? '/admin' : '/')
  })

  return router
}
