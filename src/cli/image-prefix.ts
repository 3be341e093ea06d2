/** What begins like this names an image, whatever else it could be. */
export const imagePrefix = /^(?:store|oci|oci-archive|docker-archive|docker-daemon|docker|dir|tar):/;
