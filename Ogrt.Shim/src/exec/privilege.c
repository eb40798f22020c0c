#include "privilege.h"

#include <errno.h>

enum {
    SET_USER_ID = 04000,
    SET_GROUP_ID = 02000,
    GROUP_MAY_EXECUTE = 010,
    NO_SET_ID_MOUNT = 2, /* ST_NOSUID */
    MAX_CAPABILITIES = 24,
};

/* Mounted with nosuid, files give no rights. What cannot be asked is taken to give them, as most mounts do. */
static bool mount_gives_rights(int directory, const char *path)
{
    long fd = sys_openat(directory, path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return true;
    long flags = sys_mount_flags((int)fd);
    sys_close((int)fd);
    return flags < 0 || !(flags & NO_SET_ID_MOUNT);
}

static bool sets_group(uint32_t mode)
{
    const uint32_t both = SET_GROUP_ID | GROUP_MAY_EXECUTE; /* without the second, the first once meant locking */
    return (mode & both) == both;
}

/* struct vfs_cap_data of linux/capability.h: version and flags, then permitted and inheritable sets in turn. */
static bool has_capabilities(int directory, const char *path, int fd)
{
    uint32_t data[MAX_CAPABILITIES / 4] = {0};
    long size = fd >= 0                 ? sys_fgetxattr(fd, "security.capability", data, sizeof data)
                : directory == AT_FDCWD ? sys_getxattr(path, "security.capability", data, sizeof data)
                                        : -EBADF;
    const uint32_t effective = 1;
    return size >= 12 && (data[0] & effective || data[1] || (size >= 20 && data[3]));
}

struct privilege privilege_of(const struct statx *status, int directory, const char *path, int fd)
{
    struct ids user = sys_user_ids(), group = sys_group_ids();
    uint32_t mode = status->stx_mode;
    if ((mode & SET_USER_ID || sets_group(mode)) && !sys_has_no_new_privileges() &&
        mount_gives_rights(directory, path)) {
        if (mode & SET_USER_ID)
            user.effective = status->stx_uid;
        if (sets_group(mode))
            group.effective = status->stx_gid;
    }
    bool secure = user.effective != user.real || group.effective != group.real;
    /* root has all capabilities without a file's help */
    if (!secure && user.real != 0 && has_capabilities(directory, path, fd))
        secure = mount_gives_rights(directory, path);
    return (struct privilege){secure, user.real, group.real, user.effective};
}
