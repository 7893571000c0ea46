/** Why a request of GraphQL is refused, as words that follow "the query". */
export class GraphqlFault extends Error {}
