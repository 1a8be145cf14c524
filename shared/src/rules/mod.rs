//! The rules of port-outs, pure: values in, values out.
